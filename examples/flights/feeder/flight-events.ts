import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import type { Flights } from './flight';

const SOURCE = '/examples/flights/feeder';

/**
 * The two events of each flight, as lines of a publishing stream: departed, then landed. Ids are stable, so
 * publishing a dataset twice repeats the same events. The datasets do not say when a flight landed; the time of its
 * landing is the departure's.
 */
export async function* flightEvents(flights: Flights): AsyncGenerator<string> {
  for await (const { id, date, delay, distance, origin, destination } of flights) {
    const time = toIsoTime(date);
    const event = { source: SOURCE, time };
    yield JSON.stringify({
      ...event,
      id: `${id}-departed`,
      type: FlightDeparted.type,
      data: { flightId: id, origin, destination, departedAt: time, distanceMiles: distance },
    });
    yield JSON.stringify({
      ...event,
      id: `${id}-landed`,
      type: FlightLanded.type,
      data: { flightId: id, origin, destination, delayMinutes: delay },
    });
  }
}

/** The datasets' local times carry no zone; they are taken as UTC. */
function toIsoTime(date: string): string {
  return `${date.replaceAll('/', '-').replace(' ', 'T')}:00Z`;
}
