import { eventOf } from '@millrace/client';
import type { EventToPublish } from '@millrace/client';
import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import type { Flights } from './flight';

/**
 * The two events of each flight: departed, then landed. Ids are stable, so publishing a dataset twice repeats the same
 * events. The datasets do not say when a flight landed; the time of its landing is the departure's.
 */
export async function* flightEvents(flights: Flights): AsyncGenerator<EventToPublish> {
  for await (const { id, date, delay, distance, origin, destination } of flights) {
    const time = toTime(date);
    const flight = { flightId: id, origin, destination };
    const departed = { ...flight, departedAt: time, distanceMiles: distance };
    yield eventOf(FlightDeparted, departed, { id: `${id}-departed`, time });
    yield eventOf(FlightLanded, { ...flight, delayMinutes: delay }, { id: `${id}-landed`, time });
  }
}

/** The datasets' local times carry no zone; they are taken as UTC. */
function toTime(date: string): Date {
  return new Date(`${date.replaceAll('/', '-').replace(' ', 'T')}:00Z`);
}
