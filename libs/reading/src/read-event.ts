import { MillraceError } from '@millrace/contracts';
import { readEventMetadata } from '@millrace/event';
import type { EventMetadata, LogRecord } from '@millrace/event';
import type { EventCodec } from '@millrace/schema-registry';

/** A record as its reader wants it. */
export interface ReadEvent {
  readonly type: string;
  readonly payload: unknown;
  readonly metadata: EventMetadata;
}

/** A record without a value where an event was expected. */
export class UnexpectedTombstoneError extends MillraceError {
  override readonly name = 'UnexpectedTombstoneError';
  override readonly code = 'UNEXPECTED_TOMBSTONE';
  override readonly retriable = false;

  constructor(at: LogRecord) {
    super(
      `The record at ${at.topic}/${at.partition}/${at.offset} has no value, and an event was expected. ` +
        'Find the producer that deletes keys in this topic.',
      { context: { topic: at.topic, partition: at.partition, offset: String(at.offset) } },
    );
  }
}

/**
 * Decodes a record whose writer schema is known. The schema in the record decides its type, never a header.
 * @throws UnexpectedTombstoneError, NotAnEventError, or the codec's errors.
 */
export function readEvent(codec: EventCodec, record: LogRecord): ReadEvent {
  const bytes = record.valueBytes();
  if (bytes === null) throw new UnexpectedTombstoneError(record);
  const { eventType, value } = codec.decode(record.topic, bytes);
  return { type: eventType.type, payload: value, metadata: readEventMetadata(record) };
}
