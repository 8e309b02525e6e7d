import type { AvroRecordSchema, Catalogue, EventType } from '@millrace/contracts';
import { byteRangeOf } from '@millrace/event';
import { encodeEvent } from './encode-event';
import { makeEventReader } from './event-reader';

/**
 * What every reader makes of an event that was written with an older schema, by Avro's resolution or the upcasters of the
 * catalogue; without a registry, for specs. `value` is as the older version had it.
 * @throws InvalidEventError when the value does not fit the older schema, and what decoding throws.
 */
export function readWrittenBefore(
  catalogue: Catalogue,
  eventType: EventType,
  written: { readonly schema: AvroRecordSchema; readonly value: unknown },
): unknown {
  const { schema, value } = written;
  const schemaId = 1;
  const encoded = encodeEvent({ ...eventType, schema }, schemaId, value);
  const registered = { schemaType: 'AVRO', text: JSON.stringify(schema), references: 0 };
  const reader = makeEventReader(catalogue, { topic: eventType.topic, schemaId, schema: registered });
  if ('error' in reader) throw reader.error();
  return reader.decode(byteRangeOf(encoded));
}
