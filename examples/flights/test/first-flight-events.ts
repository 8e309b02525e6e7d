import type { EventToPublish } from '@millrace/client';
import { flightEvents } from '../feeder/flight-events';
import { readFlights20k } from '../feeder/flights-20k';

/** The events of the first flights of the dataset, as the feeder publishes them. */
export async function firstFlightEvents(flights: number): Promise<EventToPublish[]> {
  const events: EventToPublish[] = [];
  for await (const event of flightEvents(readFlights20k(flights))) events.push(event);
  return events;
}
