import type { HeaderBytes, RawHeader } from '@millrace/event';
import type { IHeaders } from 'kafkajs';
import type { BatchContext } from '../client-cluster';
import { headerBytes, headerText, listHeaders, readHeaders } from './record-headers';

/** What the records of a batch have in common. */
export interface FetchedBatch {
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

/** What a record says for itself. */
export interface RecordFields {
  readonly attributes: number;
  readonly timestampDelta: number | bigint;
  readonly offsetDelta: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Where its headers begin. */
  readonly headersAt: number;
}

/**
 * A message as kafkajs hands it on, whose headers, offset and timestamp are made when somebody asks for them. Key, value and the
 * values of headers are views on the fetched bytes, as in kafkajs's own. Safe to keep, at the cost of those bytes.
 */
export class FetchedRecord {
  readonly magicByte = 2;
  readonly attributes: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** The offset as a number. */
  readonly position: bigint;
  private readonly timestampDelta: number | bigint;
  private readonly headersAt: number;

  constructor(
    private readonly batch: FetchedBatch,
    fields: RecordFields,
  ) {
    this.attributes = fields.attributes;
    this.key = fields.key;
    this.value = fields.value;
    this.position = batch.baseOffset + BigInt(fields.offsetDelta);
    this.timestampDelta = fields.timestampDelta;
    this.headersAt = fields.headersAt;
  }

  get offset(): string {
    return this.position.toString();
  }

  get timestamp(): string {
    const { appendedAt, baseTimestamp } = this.batch;
    return (appendedAt ?? baseTimestamp + BigInt(this.timestampDelta)).toString();
  }

  /** A new object each time. */
  get headers(): IHeaders {
    return readHeaders(this.batch.bytes, this.headersAt);
  }

  /** All of them in their order, repeated names included. */
  rawHeaders(): readonly RawHeader[] {
    return listHeaders(this.batch.bytes, this.headersAt);
  }

  /** The first header of that name as text; undefined when there is none, or it has no value. */
  header(name: string): string | undefined {
    return headerText(this.batch.bytes, this.headersAt, name);
  }

  /** The same as bytes, where they lie. */
  headerBytes(name: string): HeaderBytes | undefined {
    return headerBytes(this.batch.bytes, this.headersAt, name);
  }

  get isControlRecord(): boolean {
    return this.batch.isControlBatch;
  }

  get batchContext(): BatchContext {
    return this.batch.context;
  }
}
