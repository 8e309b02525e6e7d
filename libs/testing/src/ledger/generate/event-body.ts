import { FlightLanded } from '@millrace/contracts';
import type { LedgerEvent } from '../attempt';

/** The source of everything that the generator publishes. */
export const LEDGER_SOURCE = '/faults';

/** The data of an event; an invalid one has a number where text would not do. */
export function dataOf({ key, seq, destination, valid }: LedgerEvent): object {
  return { flightId: key, origin: 'LGR', destination, delayMinutes: valid ? seq : 'late' };
}

const PARENT = '00000000000000a1';

/** The trace context that names an attempt: no part of an event's identity, and none of its content. */
export function traceOf(n: number): string {
  return `00-${n.toString(16).padStart(32, '0')}-${PARENT}-01`;
}

/** The attempt that a record's trace context names; null for any other. */
export function attemptOf(traceparent: string | undefined): number | null {
  const [, n] = /^00-0{18}([0-9a-f]{14})-00000000000000a1-01$/.exec(traceparent ?? '') ?? [];
  return n === undefined ? null : Number.parseInt(n, 16);
}

/** A line of a stream. */
export function lineOf(event: LedgerEvent, n: number): string {
  return JSON.stringify({
    type: FlightLanded.type,
    source: LEDGER_SOURCE,
    id: event.id,
    traceparent: traceOf(n),
    data: dataOf(event),
  });
}
