import { eventOf } from '@millrace/client';
import type { EventToPublish } from '@millrace/client';
import { catalogue as ownCatalogue } from '@millrace/contracts';
import type { AvroRecordSchema, Catalogue, EventType } from '@millrace/contracts';
import { readWrittenBefore } from '@millrace/schema-registry';

/**
 * A sample for `checkProjection` out of an event of an older version: as every reader has it, resolved by Avro or lifted by the
 * upcasters of its domain. `schema`: the older .avsc; `value`: as that version had it.
 * @throws UpcastFailedError, SchemaUnreadableError where a reader would; InvalidEventError for a value that the schema does not fit.
 */
export function eventWrittenBefore(
  eventType: EventType,
  written: { readonly schema: AvroRecordSchema; readonly value: unknown },
  catalogue: Catalogue = ownCatalogue,
): EventToPublish {
  return eventOf(eventType, readWrittenBefore(catalogue, eventType, written));
}
