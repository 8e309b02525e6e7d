/** The load of the latency figure over HTTP: one event a request, at a steady rate. */
import { Pool } from 'undici';
import { serveRounds } from '../../program';
import { atARate } from '../../at-a-rate';
import { departures } from '../departures';
import type { PostTarget } from '../departures';

interface LatencyInput extends PostTarget {
  readonly perSecond: number;
  readonly seconds: number;
}

await serveRounds(async ({ url, path, perSecond, seconds }: LatencyInput) => {
  const bodies = await departures(perSecond * seconds);
  const pool = new Pool(url, { connections: 64, pipelining: 1 });
  return () =>
    atARate(bodies, perSecond, async (body) => {
      const answer = await pool.request({
        ...{ path, method: 'POST', body, headers: { 'content-type': 'application/json' } },
      });
      if (answer.statusCode !== 201) throw new Error(`${answer.statusCode}: ${await answer.body.text()}`);
      await answer.body.dump();
    });
});
