/** The load of the figure `visible`: events at a steady rate, each of which is asked for as soon as it is acknowledged. */
import { Pool } from 'undici';
import { atARate } from '../../at-a-rate';
import { serveRounds } from '../../program';
import { percentile } from '../../statistics';
import { DEPARTURES_PATH, ownDepartures } from '../own-departures';

export interface VisibleInput {
  readonly producerUrl: string;
  /** Of the model; a key follows. */
  readonly modelUrl: string;
  readonly perSecond: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

const CONNECTIONS = 64;

await serveRounds((input: VisibleInput) => {
  const { producerUrl, modelUrl, perSecond, warmUpSeconds, seconds } = input;
  const { origin, pathname } = new URL(modelUrl);
  const producer = new Pool(producerUrl, { connections: CONNECTIONS, pipelining: 1 });
  const model = new Pool(origin, { connections: CONNECTIONS, pipelining: 1 });
  return Promise.resolve(async () => {
    const waitedMs: number[] = [];
    const warmUp = perSecond * warmUpSeconds;
    const events = (await ownDepartures(warmUp + perSecond * seconds)).entries();
    await atARate([...events], perSecond, async ([index, { flightId, body }]) => {
      const headers = { 'content-type': 'application/json' };
      const posted = await producer.request({ path: DEPARTURES_PATH, method: 'POST', headers, body });
      const text = await posted.body.text();
      if (posted.statusCode !== 201) throw new Error(`${posted.statusCode}: ${text}`);
      const acknowledgedAt = performance.now();
      const { position } = JSON.parse(text) as { readonly position: string };
      const path = `${pathname}/${flightId}?at-least=${encodeURIComponent(position)}`;
      const shown = await model.request({ path, method: 'GET' });
      const row = await shown.body.text();
      if (shown.statusCode !== 200 || !row.includes(flightId))
        throw new Error(`${path}: ${shown.statusCode} ${row}`);
      if (index >= warmUp) waitedMs.push(performance.now() - acknowledgedAt);
    });
    return { p50: percentile(waitedMs, 50), p99: percentile(waitedMs, 99) };
  });
});
