/** The load of the figures with one event a request: as many requests as the connections take, one after the other on each. */
import { Pool } from 'undici';
import { serveRounds } from '../../program';
import { departures } from '../departures';
import type { PostTarget } from '../departures';

interface PostInput extends PostTarget {
  readonly events: number;
  readonly connections: number;
}

await serveRounds(async ({ url, path, events, connections }: PostInput) => {
  const bodies = await departures(events);
  const pool = new Pool(url, { connections, pipelining: 1 });
  const post = async (body: string): Promise<void> => {
    const answer = await pool.request({
      ...{ path, method: 'POST', body, headers: { 'content-type': 'application/json' } },
    });
    if (answer.statusCode !== 201) throw new Error(`${answer.statusCode}: ${await answer.body.text()}`);
    await answer.body.dump();
  };
  return async () => {
    const startedAt = performance.now();
    let next = 0;
    const postOn = async (): Promise<void> => {
      for (let body = bodies[next++]; body !== undefined; body = bodies[next++]) await post(body);
    };
    await Promise.all(Array.from({ length: connections }, postOn));
    return { rate: events / ((performance.now() - startedAt) / 1_000) };
  };
});
