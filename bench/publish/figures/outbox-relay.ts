import { setTimeout as sleep } from 'node:timers/promises';
import { outboxMigrations } from '@millrace/outbox';
import { migrate } from '@millrace/postgres';
import { createTestDatabase, silentLogger } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import type { Contestant } from '../../figure';
import { runRace } from '../../run-figure';
import type { BenchStack } from '../bench-stack';
import type { PublishFigure } from '../publish';
import { serviceUnderLoad } from '../service-under-load';

const STREAMS = 2;
/** An append locks its key until the transaction ends, and PostgreSQL has room for some thousand locks. */
const KEYS = 1_000;
const LOOK_MS = 5;
const GIVE_UP_MS = 300_000;

/** How fast the relay brings what has been committed into the log, beside the same number of events as a stream over HTTP. */
export const outboxRelay: PublishFigure = {
  name: 'outbox-relay',
  what: 'events/s from the outbox into the log, beside a stream over HTTP',
  run: async (stack, { events, rounds }, print) => {
    const ours = await relay(stack, events);
    const direct = await serviceUnderLoad({
      name: 'millrace-direct',
      settings: `${STREAMS} NDJSON streams over HTTP to the producer service, by default settings`,
      service: await stack.startProducer(),
      load: 'ndjson-load',
      input: { events, streams: STREAMS },
    });
    const metrics = [{ key: 'rate', name: 'outbox-relay', unit: 'events/s' }];
    const title = `Outbox relay: ${events.toLocaleString('en-US')} events that one transaction commits, ${KEYS.toLocaleString('en-US')} keys; from the commit until all are in the log`;
    return runRace({ title, metrics, ours, peers: [direct] }, { rounds, print });
  },
};

async function relay(stack: BenchStack, events: number): Promise<Contestant> {
  const database = await createTestDatabase(stack.databaseUrl);
  await migrate(database.pool, [outboxMigrations], silentLogger);
  const { process } = await stack.startProducer({ OUTBOX_DATABASE_URL: database.url });
  return {
    name: 'millrace-relay',
    settings: 'the producer service, by default settings, woken by NOTIFY',
    round: async () => {
      const last = await append(database, events);
      const startedAt = performance.now();
      await until(database, last);
      return { rate: events / ((performance.now() - startedAt) / 1_000) };
    },
    close: async () => {
      await process.stop();
      await database.drop();
    },
  };
}

/** Resolves with the last number once all are committed. */
async function append(database: TestDatabase, events: number): Promise<bigint> {
  const [row] = await database.query<{ last: bigint }>(
    `SELECT max(millrace_outbox.append('flights', key, 'flights.FlightLanded', gen_random_uuid()::text, '/bench/outbox',
              json_build_object('flightId', key, 'origin', 'ATL', 'destination', 'BOS', 'delayMinutes', n % 90))) AS last
       FROM (SELECT n, 'bench-' || n % $2 AS key FROM generate_series(1, $1::int) AS n) AS flight`,
    [events, KEYS],
  );
  return row?.last ?? 0n;
}

async function until(database: TestDatabase, last: bigint): Promise<void> {
  const deadline = performance.now() + GIVE_UP_MS;
  for (;;) {
    const [row] = await database.query<{ position: bigint }>('SELECT position FROM millrace_outbox.relay');
    if (row !== undefined && row.position >= last) return;
    if (performance.now() > deadline) {
      throw new Error(`the relay is at ${row?.position} of ${last} after ${GIVE_UP_MS / 1_000} s`);
    }
    await sleep(LOOK_MS);
  }
}
