import { FLIGHTS_20K, readFlights } from '../feeder/flights';
import { publishFlights } from '../feeder/publish-flights';
import type { PublishedFlights } from '../feeder/publish-flights';
import { readGroup, waitUntilConsumed } from './group-progress';
import type { GroupProgress } from './group-progress';
import type { Rates } from './measured';
import { showProgress } from './progress';
import type { ReadModels } from './read-models';
import { number } from './show';

export interface FeedOptions {
  readonly flights: number;
  readonly producerUrl: string;
  readonly consumerUrl: string;
  readonly models: ReadModels;
  readonly print: (line: string) => void;
  readonly signal: AbortSignal;
}

export interface Fed {
  readonly published: number;
  /** By the group. */
  readonly consumed: number;
  readonly rates: Pick<Rates, 'feed' | 'fold'>;
}

const GROUP = 'delay-alerts';

/**
 * Publishes the flights and resolves once both read models and the group include them.
 * @throws Error when an earlier feed of so many flights was cut short.
 */
export async function feed(options: FeedOptions): Promise<Fed> {
  const { flights, consumerUrl, models, print, signal } = options;
  const before = await readGroup(consumerUrl, GROUP, signal);
  const startedAt = performance.now();
  const { published, positions } = await publish(options, before);
  const seconds = secondsSince(startedAt);
  if (published === 0) print('  the log has all of them from an earlier run');
  else print(`  ${number.format(published)} acknowledged in ${seconds.toFixed(1)} s`);

  const progress = showProgress('folded', flights * 2);
  const onBehind = (records: number) => progress.update(flights * 2 - records);
  await models.waitFor(positions, onBehind).finally(() => progress.stop());
  const rates = {
    feed: Math.round(published / seconds),
    fold: Math.round(published / secondsSince(startedAt)),
  };
  const done = await waitUntilConsumed(consumerUrl, GROUP, signal);
  return { published, consumed: Number(done - before.done), rates: published === 0 ? {} : rates };
}

/** Two events for each flight. */
async function publish(options: FeedOptions, before: GroupProgress): Promise<PublishedFlights> {
  const { flights, producerUrl, signal } = options;
  if (isFed(flights, before.done + before.lag)) return { published: 0, positions: before.ends };
  const progress = showProgress('published', flights * 2);
  return publishFlights(readFlights(flights), {
    producerUrl,
    onProgress: (done) => progress.update(done),
    signal,
  }).finally(() => progress.stop());
}

/**
 * Whether the events in the log are these flights already. 20,000 flights are fed again at each start: readers drop a
 * repeat that comes within 20,000 offsets of its partition. More flights lie farther apart than that, so they are
 * fed once.
 * @throws Error when an earlier feed of them was cut short.
 */
export function isFed(flights: number, inLog: bigint): boolean {
  if (flights <= FLIGHTS_20K || inLog === 0n) return false;
  if (inLog >= flights * 2) return true;
  throw new Error(
    `The log holds ${number.format(inLog)} of ${number.format(flights * 2)} events: an earlier feed was cut short. ` +
      `Begin anew with npm start -- --fresh --flights ${flights}`,
  );
}

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1_000;
}
