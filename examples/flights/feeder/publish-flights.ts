import { httpPublisher, publishAll } from '@millrace/client';
import type { Flights } from './flight';
import { flightEvents } from './flight-events';

export interface PublishFlightsOptions {
  /** Base address of the producer. */
  readonly producerUrl: string;
  readonly onProgress: (published: number) => void;
  readonly signal: AbortSignal;
}

export interface PublishedFlights {
  /** Events, two for each flight. */
  readonly published: number;
  /** The last position acknowledged in each partition: what a read model must include to show it all. */
  readonly positions: readonly string[];
}

/**
 * Publishes the events of flights, and takes no more of them than the producer does: memory does not grow with their number.
 * @throws the first failure, in the producer's own words.
 */
export async function publishFlights(
  flights: Flights,
  { producerUrl, onProgress, signal }: PublishFlightsOptions,
): Promise<PublishedFlights> {
  await using publisher = httpPublisher({ url: producerUrl, source: '/examples/flights/feeder' });
  const last = new Map<number, { readonly offset: bigint; readonly position: string }>();
  let done = 0;
  const { published } = await publishAll(publisher, flightEvents(flights), {
    signal,
    onPublished({ partition, offset, position }) {
      if (offset > (last.get(partition)?.offset ?? -1n)) last.set(partition, { offset, position });
      onProgress((done += 1));
    },
  });
  return { published, positions: [...last.values()].map(({ position }) => position) };
}
