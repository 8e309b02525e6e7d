import { FlightDeparted, toJson } from '@millrace/contracts';
import { flightEvents } from '../../examples/flights/feeder/flight-events';
import { readFlights } from '../../examples/flights/feeder/flights';

/** Where departures are posted to, one a request. */
export interface PostTarget {
  readonly url: string;
  readonly path: string;
}

/** The data of the departures of real flights, as bodies of requests. */
export async function departures(count: number): Promise<string[]> {
  const bodies: string[] = [];
  for await (const { type, value } of flightEvents(readFlights(count))) {
    if (type.type === FlightDeparted.type) bodies.push(JSON.stringify(toJson(value)));
  }
  return bodies;
}
