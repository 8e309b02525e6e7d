import type { ByteRange, LogRecord, RawHeader } from '@millrace/event';
import type { IHeaders } from 'kafkajs';
import type { BatchContext } from '../client-cluster';
import { hasHeaders, headerBytes, headerText, listHeaders, readHeaders } from './record-headers';

/** What the records of a batch have in common. */
export interface FetchedBatch {
  readonly topic: string;
  readonly partition: number;
  /** As kafkajs notes it. */
  readonly context: BatchContext;
  /** What the records lie in. */
  readonly bytes: Buffer;
  readonly baseOffset: bigint;
  readonly baseTimestamp: bigint;
  /** The broker's own time, where the topic gives its records that one. */
  readonly appendedAt: bigint | undefined;
  readonly isControlBatch: boolean;
}

/**
 * A record as it lies in what was fetched; key, value, headers and timestamp are made when somebody asks for them, and are views
 * on those bytes. Safe to keep, at their cost. It is a message of kafkajs as well, whose offset is a number: kafkajs takes one
 * wherever it takes a text.
 */
export class FetchedRecord implements LogRecord {
  constructor(
    private readonly batch: FetchedBatch,
    readonly offset: bigint,
    private readonly timestampDelta: number | bigint,
    /** Where the key lies, and how long it is; below 0 when there is none. The same of the value. */
    private readonly keyAt: number,
    private readonly keySize: number,
    private readonly valueAt: number,
    private readonly valueSize: number,
    private readonly headersAt: number,
  ) {}

  get topic(): string {
    return this.batch.topic;
  }

  get partition(): number {
    return this.batch.partition;
  }

  /** A new view each time. */
  get key(): Buffer | null {
    const { keyAt, keySize } = this;
    return keySize < 0 ? null : this.batch.bytes.subarray(keyAt, keyAt + keySize);
  }

  keyBytes(): ByteRange | null {
    const { keyAt, keySize } = this;
    return keySize < 0 ? null : { bytes: this.batch.bytes, from: keyAt, to: keyAt + keySize };
  }

  /** A new view each time. */
  get value(): Buffer | null {
    const { valueAt, valueSize } = this;
    return valueSize < 0 ? null : this.batch.bytes.subarray(valueAt, valueAt + valueSize);
  }

  valueBytes(): ByteRange | null {
    const { valueAt, valueSize } = this;
    return valueSize < 0 ? null : { bytes: this.batch.bytes, from: valueAt, to: valueAt + valueSize };
  }

  get timestamp(): string {
    const { appendedAt, baseTimestamp } = this.batch;
    return (appendedAt ?? baseTimestamp + BigInt(this.timestampDelta)).toString();
  }

  get timestampMs(): number {
    return Number(this.timestamp);
  }

  /** A new object each time. */
  get headers(): IHeaders {
    return readHeaders(this.batch.bytes, this.headersAt);
  }

  rawHeaders(): readonly RawHeader[] {
    return listHeaders(this.batch.bytes, this.headersAt);
  }

  header(name: string): string | undefined {
    return headerText(this.batch.bytes, this.headersAt, name);
  }

  headerBytes(name: string): ByteRange | undefined {
    return headerBytes(this.batch.bytes, this.headersAt, name);
  }

  hasHeaders(names: readonly string[]): boolean {
    return hasHeaders(this.batch.bytes, this.headersAt, names);
  }

  get isControlRecord(): boolean {
    return this.batch.isControlBatch;
  }

  get batchContext(): BatchContext {
    return this.batch.context;
  }
}
