import { toJson } from '@millrace/contracts';
import type { JsonValue, MillraceError } from '@millrace/contracts';
import { formatPosition, readEventMetadata } from '@millrace/event';
import type { LogRecord } from '@millrace/event';
import type { EventCodec } from '@millrace/schema-registry';

/** A record as `millrace events tail` shows it. */
export interface TailedRecord {
  readonly position: string;
  readonly key: string | null;
  /** When the event happened; for what is no event, the record's own time. ISO 8601 in UTC. */
  readonly time: string;
  readonly type?: string;
  readonly id?: string;
  readonly source?: string;
  readonly subject?: string;
  /** The event's data; missing for a tombstone and for what cannot be decoded. */
  readonly data?: JsonValue;
  /** True for a record without a value. */
  readonly tombstone?: true;
  /** Why the record is no event that can be shown. */
  readonly problem?: { readonly code: string; readonly message: string };
}

/**
 * Decodes a record. What is no event, or cannot be decoded, is given as that and never skipped.
 * @throws RegistryUnreachableError, RegistryRefusedError: the registry's failures are not the record's.
 */
export async function describeRecord(record: LogRecord, codec: EventCodec): Promise<TailedRecord> {
  const place = {
    position: formatPosition(record),
    key: record.key === null ? null : record.key.toString('utf8'),
    time: isoTime(new Date(record.timestampMs)),
  };
  const { value } = record;
  await codec.ensureDecodable(record.topic, [value]);
  let attributes: Partial<TailedRecord> = {};
  try {
    const { id, source, type, time, subject } = readEventMetadata(record);
    attributes = { time: isoTime(time), type, id, source, ...(subject === undefined ? {} : { subject }) };
    if (value === null) return { ...place, ...attributes, tombstone: true };
    return { ...place, ...attributes, data: toJson(codec.decode(record.topic, value).value) };
  } catch (error) {
    if (value === null) return { ...place, ...attributes, tombstone: true };
    const { code = 'UNKNOWN', message } = error as Partial<MillraceError> & Error;
    return { ...place, ...attributes, problem: { code, message } };
  }
}

/** One record in one line for a person. */
export function recordLine({ position, time, key, type, data, tombstone, problem }: TailedRecord): string {
  const content =
    problem !== undefined
      ? `✗ ${problem.code}: ${problem.message}`
      : tombstone === true
        ? 'tombstone'
        : JSON.stringify(data);
  return [position, time, key ?? '(no key)', type ?? '(no type)', content].join('  ');
}

/** Producers that are not ours may write a time that is none. */
function isoTime(time: Date): string {
  return Number.isNaN(time.getTime()) ? 'unknown' : time.toISOString();
}
