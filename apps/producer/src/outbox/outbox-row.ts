import { parseJsonLossless } from '@millrace/schema-registry';
import { AttributeReader } from '../attributes';
import type { AttributeRules } from '../attributes';
import type { IncomingEvent } from '../envelope';
import { EventTooLargeError } from '../errors';

/** A row of the outbox, as it was appended. */
export interface OutboxRow {
  readonly number: bigint;
  readonly topic: string;
  readonly key: string | null;
  readonly type: string;
  readonly id: string;
  readonly source: string;
  /** RFC 3339; null for one that is none. */
  readonly time: string | null;
  readonly subject: string | null;
  readonly traceparent: string | null;
  /** A JSON object of texts by their names; null for none. */
  readonly extensions: string | null;
  /** The event's data as JSON text; null when it is larger than an event may be. */
  readonly data: string | null;
}

export interface RowRules extends AttributeRules {
  readonly maxEventBytes: number;
}

/**
 * The event of a row, under the same rules as one that comes over HTTP: whoever can write to the table may have written it.
 * @throws EventTooLargeError, InvalidEnvelopeError, JsonSyntaxError, JsonTooDeepError
 */
export function readRow(row: OutboxRow, rules: RowRules): IncomingEvent {
  if (row.data === null) throw new EventTooLargeError(rules.maxEventBytes);
  const reader = new AttributeReader(rules, 'column ');
  for (const name of ['id', 'source', 'time', 'subject'] as const) reader.take(name, row[name]);
  if (row.traceparent !== null) reader.takeTrace(row.traceparent);
  if (row.extensions !== null) takeExtensions(row.extensions, reader);
  return { attributes: reader.finish(row.type), data: parseJsonLossless(row.data) };
}

function takeExtensions(text: string, reader: AttributeReader): void {
  const extensions = parseJsonLossless(text);
  if (typeof extensions !== 'object' || extensions === null || Array.isArray(extensions)) {
    reader.refuse('extensions', 'an object of extension attributes by their names', 'something else');
    return;
  }
  for (const [name, value] of Object.entries(extensions)) reader.takeExtension(name, value);
}
