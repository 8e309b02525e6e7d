import { crc32c } from '@node-rs/crc32';
import type { BatchNumber } from './batch-numbers';
import { copyBytes } from './copy-bytes';
import type { EncodedHeaders } from './encoded-headers';
import { varintSize, writeVarint } from './varint';

/** A record as it is written. */
export interface BatchRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** First those that it shares with other records, then its own. */
  readonly sharedHeaders: EncodedHeaders;
  readonly headers: EncodedHeaders;
  /** Since 1970. */
  readonly timestampMs: number;
}

const MAGIC = 2;
const LENGTH_AT = 8;
const LEADER_EPOCH_AT = 12;
const MAGIC_AT = 16;
const CRC_AT = 17;
/** The checksum covers all that follows it. */
const ATTRIBUTES_AT = 21;
const RECORDS_AT = 61;
/** Of a batch that the broker does not have to know again. */
const NO_NUMBER: BatchNumber = { producerId: -1n, producerEpoch: -1, firstSequence: -1 };
/** No compression, timestamps of the producer's making, no transaction. */
const ATTRIBUTES = 0;

/**
 * One batch of records in the log's own format, as a Produce request carries it: not compressed, and without a number unless
 * one is given. The first record has offset 0; the broker moves it. Takes at least one record.
 * Source: Kafka documentation, "Message format", record batch of magic 2.
 */
export function encodeRecordBatch(records: readonly BatchRecord[], number: BatchNumber = NO_NUMBER): Buffer {
  const firstTimestampMs = records[0]?.timestampMs ?? 0;
  const sizes = records.map((record, index) =>
    bodySize(record, index, record.timestampMs - firstTimestampMs),
  );
  let size = RECORDS_AT;
  for (const body of sizes) size += varintSize(body) + body;

  const batch = Buffer.allocUnsafe(size);
  let lastTimestampMs = firstTimestampMs;
  let at = RECORDS_AT;
  records.forEach((record, index) => {
    lastTimestampMs = Math.max(lastTimestampMs, record.timestampMs);
    at = writeVarint(batch, at, sizes[index] ?? 0);
    at = writeBody(batch, at, { record, index, timestampDelta: record.timestampMs - firstTimestampMs });
  });

  batch.writeBigInt64BE(0n, 0);
  batch.writeInt32BE(size - LEADER_EPOCH_AT, LENGTH_AT);
  batch.writeInt32BE(-1, LEADER_EPOCH_AT);
  batch.writeInt8(MAGIC, MAGIC_AT);
  at = batch.writeInt16BE(ATTRIBUTES, ATTRIBUTES_AT);
  at = batch.writeInt32BE(records.length - 1, at);
  at = batch.writeBigInt64BE(BigInt(firstTimestampMs), at);
  at = batch.writeBigInt64BE(BigInt(lastTimestampMs), at);
  at = batch.writeBigInt64BE(number.producerId, at);
  at = batch.writeInt16BE(number.producerEpoch, at);
  at = batch.writeInt32BE(number.firstSequence, at);
  batch.writeInt32BE(records.length, at);
  batch.writeUInt32BE(crc32c(batch.subarray(ATTRIBUTES_AT)), CRC_AT);
  return batch;
}

function bodySize(record: BatchRecord, offsetDelta: number, timestampDelta: number): number {
  const { key, value, sharedHeaders, headers } = record;
  return (
    1 +
    varintSize(timestampDelta) +
    varintSize(offsetDelta) +
    bytesSize(key) +
    bytesSize(value) +
    varintSize(sharedHeaders.count + headers.count) +
    sharedHeaders.bytes.length +
    headers.bytes.length
  );
}

function writeBody(
  batch: Buffer,
  from: number,
  { record, index, timestampDelta }: { record: BatchRecord; index: number; timestampDelta: number },
): number {
  const { key, value, sharedHeaders, headers } = record;
  // A record's own attributes: none are defined.
  batch[from] = 0;
  let at = writeVarint(batch, from + 1, timestampDelta);
  at = writeVarint(batch, at, index);
  at = writeBytes(batch, at, key);
  at = writeBytes(batch, at, value);
  at = writeVarint(batch, at, sharedHeaders.count + headers.count);
  at = copyBytes(sharedHeaders.bytes, batch, at);
  return copyBytes(headers.bytes, batch, at);
}

function bytesSize(bytes: Buffer | null): number {
  return bytes === null ? varintSize(-1) : varintSize(bytes.length) + bytes.length;
}

function writeBytes(batch: Buffer, at: number, bytes: Buffer | null): number {
  if (bytes === null) return writeVarint(batch, at, -1);
  return copyBytes(bytes, batch, writeVarint(batch, at, bytes.length));
}
