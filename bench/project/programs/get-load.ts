/** The load of the query figure: rows by key, one after the other on each connection. */
import { Pool } from 'undici';
import { serveRounds } from '../../program';
import { flightIdAt } from '../flight-id';

export interface GetInput {
  /** Of the model; a key follows. */
  readonly url: string;
  readonly connections: number;
  readonly requests: number;
  /** So many of the first flights are asked for. */
  readonly flights: number;
  /** Of so many in the whole log. */
  readonly ofAll: number;
}

await serveRounds(({ url, connections, requests, flights, ofAll }: GetInput) => {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections, pipelining: 1 });
  return Promise.resolve(async () => {
    let asked = 0;
    const ask = async (): Promise<void> => {
      while (asked < requests) {
        asked += 1;
        const key = flightIdAt(Math.floor(Math.random() * flights), ofAll);
        const answer = await pool.request({ path: `${pathname}/${key}`, method: 'GET' });
        const body = await answer.body.text();
        if (answer.statusCode !== 200 || !body.includes(key))
          throw new Error(`${key}: ${answer.statusCode} ${body}`);
      }
    };
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: connections }, ask));
    return { rate: requests / ((performance.now() - startedAt) / 1_000) };
  });
});
