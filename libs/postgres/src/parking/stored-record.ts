import type { ParkedRecord } from '@millrace/delivery';
import type { RawHeader } from '@millrace/event';

/** A row of millrace.parked_record, as far as the record itself goes. */
export interface StoredRecordRow {
  topic: string;
  partition: number;
  record_offset: bigint;
  fence: Buffer;
  key: Buffer | null;
  value: Buffer | null;
  headers: (readonly [string, string | null])[];
  timestamp_ms: bigint;
  attempts: number;
}

export const RECORD_COLUMNS =
  'topic, partition, record_offset, fence, key, value, headers, timestamp_ms, attempts';

/** Fences are bytes in the database and Latin-1 text in memory. */
export function fenceBytes(fence: string): Buffer {
  return Buffer.from(fence, 'latin1');
}

export function storedHeaders(headers: readonly RawHeader[]): string {
  return JSON.stringify(headers.map(([name, value]) => [name, value?.toString('base64') ?? null]));
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

  header(name: string): string | undefined {
    const value = this.row.headers.find(([each]) => each === name)?.[1];
    return typeof value === 'string' ? Buffer.from(value, 'base64').toString() : undefined;
  }

  rawHeaders(): readonly RawHeader[] {
    return this.row.headers.map(([name, value]) => [
      name,
      value === null ? null : Buffer.from(value, 'base64'),
    ]);
  }
}
