import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { flightId } from './flights-file';
import type { Flight } from './flights-file';

const SOURCE = '/examples/flights/feeder';

/**
 * The two events of each flight, as lines of a publishing stream: departed, then landed. Ids are stable, so
 * publishing a file twice repeats the same events; `firstRow` says where a part of the file begins. The file does not say when a flight landed; the time of its
 * landing is the departure's.
 */
export function* flightEvents(flights: readonly Flight[], firstRow = 0): Generator<string> {
  for (const [index, { date, delay, distance, origin, destination }] of flights.entries()) {
    const id = flightId(firstRow + index);
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

/** The file's local times carry no zone; they are taken as UTC. */
function toIsoTime(date: string): string {
  return `${date.replaceAll('/', '-').replace(' ', 'T')}:00Z`;
}
