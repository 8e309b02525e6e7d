import { createHash, hash } from 'node:crypto';
import type { EventAttributes } from '@millrace/event';
import type { RecordToWrite } from '@millrace/kafka';
import type { ReservationRequest } from '@millrace/postgres';

/** Not what an event says: when it happened, which the service fills in, and the trace of the request that brought it. */
const NOT_CONTENT = new Set(['traceparent', 'tracestate']);
/** The magic byte and the schema id of Confluent's framing. */
const FRAME_BYTES = 5;

/**
 * What is reserved of an event. The identity is (topic, source, id). The content is its type, key, subject, extensions
 * and its encoded payload; `time`, `traceparent` and `tracestate` are not. The schema id stands beside it, because the
 * same data encoded by another version of the schema are other bytes.
 */
export function reservationOf(record: RecordToWrite, attributes: EventAttributes): ReservationRequest {
  const { topic, key, value } = record;
  const { source, id, type, subject = null, extensions = {} } = attributes;
  const kept = Object.entries(extensions).filter(([name]) => !NOT_CONTENT.has(name));
  kept.sort(([a], [b]) => (a < b ? -1 : 1));
  const content = createHash('sha256')
    .update(JSON.stringify([type, key, subject, kept]))
    .update(value.subarray(FRAME_BYTES));
  return {
    identity: asUuid(hash('sha256', JSON.stringify([topic, source, id]))),
    content: asUuid(content.digest('hex')),
    schemaId: value.readInt32BE(1),
  };
}

/** The first 128 bits of a digest in the form that PostgreSQL gives a UUID in. */
function asUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
