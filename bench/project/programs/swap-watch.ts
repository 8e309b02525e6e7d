/**
 * The load of the figure `swap-pause`, and the two who watch: readers that ask by key one time after the other, and one who looks
 * whether the live model goes on. It begins with the round and goes on until it is told to end.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { Pool } from 'undici';
import { serveRounds } from '../../program';
import { flightIdAt } from '../flight-id';
import { LongestGap } from '../longest-gap';
import { DEPARTURES_PATH, ownDepartures } from '../own-departures';

export interface SwapWatchInput {
  readonly producerUrl: string;
  readonly modelUrl: string;
  readonly databaseUrl: string;
  readonly projection: string;
  readonly perSecond: number;
  readonly readers: number;
  /** So many of the first flights are asked for. */
  readonly flights: number;
  /** Of so many in the whole log. */
  readonly ofAll: number;
}

const CONNECTIONS = 64;
const TICK_MS = 5;
const READ_EVERY_MS = 1;
const LIVE_POSITION = `SELECT sum(next_offset) AS position FROM millrace.position
  WHERE reader = (SELECT reader FROM millrace.projection_build WHERE projection = $1 AND state = 'live')`;

await serveRounds(async (input: SwapWatchInput) => {
  const { origin, pathname } = new URL(input.modelUrl);
  const model = new Pool(origin, { connections: input.readers, pipelining: 1 });
  const producer = new Pool(input.producerUrl, { connections: CONNECTIONS, pipelining: 1 });
  const database = new Client({ connectionString: input.databaseUrl });
  await database.connect();

  return async (finish) => {
    const failed = { reads: 0, writes: 0, backwards: 0 };

    const read = async (): Promise<number> => {
      const gap = new LongestGap();
      while (!finish.aborted) {
        const key = flightIdAt(Math.floor(Math.random() * input.flights), input.ofAll);
        const ok = await succeeds(async () => {
          const answer = await model.request({ path: `${pathname}/${key}`, method: 'GET' });
          return (await answer.body.text()).includes(key) && answer.statusCode === 200;
        });
        if (ok) gap.note(performance.now());
        else failed.reads += 1;
        await sleep(READ_EVERY_MS);
      }
      return gap.ms(performance.now());
    };

    const watch = async (): Promise<number> => {
      const gap = new LongestGap();
      let position = 0;
      while (!finish.aborted) {
        const { rows } = await database.query<{ position: string }>(LIVE_POSITION, [input.projection]);
        const now = Number(rows[0]?.position);
        if (now !== position) gap.note(performance.now());
        if (now < position) failed.backwards += 1;
        position = now;
        await sleep(TICK_MS);
      }
      return gap.ms(performance.now());
    };

    const post = async (body: string): Promise<void> => {
      const headers = { 'content-type': 'application/json' };
      const ok = await succeeds(async () => {
        const answer = await producer.request({ path: DEPARTURES_PATH, method: 'POST', headers, body });
        await answer.body.dump();
        return answer.statusCode === 201;
      });
      if (!ok) failed.writes += 1;
    };
    const load = async (): Promise<void> => {
      const posts = new Set<Promise<void>>();
      const second = ownDepartures(input.perSecond);
      const bodies = (await second).map(({ body }) => JSON.parse(body) as { flightId: string });
      const startedAt = performance.now();
      for (let begun = 0; !finish.aborted;) {
        const due = Math.floor(((performance.now() - startedAt) * input.perSecond) / 1_000);
        for (; begun < due; begun++) {
          const event = bodies[begun % bodies.length];
          const posting = post(JSON.stringify({ ...event, flightId: `${event?.flightId}-${begun}` }));
          posts.add(posting);
          void posting.then(() => posts.delete(posting));
        }
        await sleep(TICK_MS);
      }
      await Promise.all(posts);
    };

    const readers = Array.from({ length: input.readers }, read);
    const [writerGap, , ...readerGaps] = await Promise.all([watch(), load(), ...readers]);
    return { readerGap: Math.max(...readerGaps), writerGap, ...failed };
  };
});

async function succeeds(ask: () => Promise<boolean>): Promise<boolean> {
  try {
    return await ask();
  } catch {
    return false;
  }
}
