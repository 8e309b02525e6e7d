import { FlightLanded } from '@millrace/contracts';
import type { LedgerEvent } from '../attempt';

/** The source of everything that the generator publishes. */
export const LEDGER_SOURCE = '/faults';

/** The data of an event; an invalid one has a number where text would not do. */
export function dataOf({ key, seq, destination, valid }: LedgerEvent): object {
  return { flightId: key, origin: 'LGR', destination, delayMinutes: valid ? seq : 'late' };
}

/** A line of a stream. The subject names the attempt, and is no part of the event's identity. */
export function lineOf(event: LedgerEvent, n: number): string {
  return JSON.stringify({
    type: FlightLanded.type,
    source: LEDGER_SOURCE,
    id: event.id,
    subject: String(n),
    data: dataOf(event),
  });
}
