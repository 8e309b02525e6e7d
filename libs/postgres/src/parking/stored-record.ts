import type { DeadRecord, ParkedRecord, ParkingReason } from '@millrace/delivery';
import { byteRangeOf } from '@millrace/event';
import type { ByteRange, RawHeader } from '@millrace/event';

/** A record's headers as they are stored, in order. The values are in base64. */
export type HeadersColumn = (readonly [name: string, value: string | null])[];

/** A row of millrace.parked_record, as far as the record itself goes. */
export interface StoredRecordRow {
  topic: string;
  partition: number;
  record_offset: bigint;
  fence: Buffer;
  key: Buffer | null;
  value: Buffer | null;
  headers: HeadersColumn;
  timestamp_ms: bigint;
  attempts: number;
}

/** The same with its last try. */
export interface StoredFailureRow extends StoredRecordRow {
  reason: ParkingReason['kind'];
  error_name: string | null;
  error_message: string | null;
  error_stack: string | null;
  failed_at: Date;
}

export const RECORD_COLUMNS =
  'topic, partition, record_offset, fence, key, value, headers, timestamp_ms, attempts';

export const FAILURE_COLUMNS = 'reason, error_name, error_message, error_stack, failed_at';

/** Fences are bytes in the database and Latin-1 text in memory. */
export function fenceBytes(fence: string): Buffer {
  return Buffer.from(fence, 'latin1');
}

/** For the column of the headers. */
export function storedHeaders(headers: readonly RawHeader[]): string {
  return JSON.stringify(headers.map(([name, value]) => [name, value?.toString('base64') ?? null]));
}

/** The first header of that name; undefined where there is none or it has no value. */
export function storedHeader(headers: HeadersColumn, name: string): Buffer | undefined {
  const value = headers.find(([each]) => each === name)?.[1];
  return typeof value === 'string' ? Buffer.from(value, 'base64') : undefined;
}

/** A record that was stored, as it lay in the log. */
export class StoredRecord implements ParkedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
  readonly fence: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestampMs: number;
  readonly attempts: number;

  constructor(private readonly row: StoredRecordRow) {
    this.topic = row.topic;
    this.partition = row.partition;
    this.offset = row.record_offset;
    this.fence = row.fence.toString('latin1');
    this.key = row.key;
    this.value = row.value;
    this.timestampMs = Number(row.timestamp_ms);
    this.attempts = row.attempts;
  }

  keyBytes(): ByteRange | null {
    return byteRangeOf(this.key);
  }

  valueBytes(): ByteRange | null {
    return byteRangeOf(this.value);
  }

  header(name: string): string | undefined {
    return storedHeader(this.row.headers, name)?.toString();
  }

  headerBytes(name: string): ByteRange | undefined {
    return byteRangeOf(storedHeader(this.row.headers, name));
  }

  hasHeaders(names: readonly string[]): boolean {
    return names.every((name) => storedHeader(this.row.headers, name) !== undefined);
  }

  rawHeaders(): readonly RawHeader[] {
    return this.row.headers.map(([name, value]) => [
      name,
      value === null ? null : Buffer.from(value, 'base64'),
    ]);
  }
}

/** A dead letter that was stored. */
export class StoredDeadRecord extends StoredRecord implements DeadRecord {
  readonly reason: ParkingReason;
  readonly failedAt: Date;

  constructor(row: StoredFailureRow) {
    super(row);
    this.failedAt = row.failed_at;
    this.reason = {
      ...{ kind: row.reason, name: row.error_name ?? '', message: row.error_message ?? '' },
      attempts: row.attempts,
      ...(row.error_stack === null ? {} : { stack: row.error_stack }),
    };
  }
}

const MAX_TEXT = 8_192;

/** PostgreSQL's text has no NUL, and an error's text may be of any length. */
export function storable(text: string | undefined): string | null {
  return text === undefined ? null : text.replaceAll('\0', '\u2400').slice(0, MAX_TEXT);
}
