import { randomUUID } from 'node:crypto';
import { departures } from '../publish/departures';

/** A flight that no dataset has, and the data of its departure as the body of a request. */
export interface OwnDeparture {
  readonly flightId: string;
  readonly body: string;
}

/** Departures of real flights under ids of their own, new in each call: what the log holds already would be dropped as repeats. */
export async function ownDepartures(count: number): Promise<OwnDeparture[]> {
  const run = randomUUID().slice(0, 8);
  return (await departures(count)).map((body, index) => {
    const flightId = `bench-${run}-${index}`;
    return { flightId, body: JSON.stringify({ ...(JSON.parse(body) as object), flightId }) };
  });
}

/** Where a departure is posted to, at the producer service. */
export const DEPARTURES_PATH = '/v1/events/flights.FlightDeparted';
