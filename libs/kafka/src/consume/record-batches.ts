import { crc32c } from '@node-rs/crc32';
import { lookupCodecByAttributes } from 'kafkajs/src/protocol/message/compression/index.js';
import { ByteReader } from './byte-reader';
import { CorruptBatchError } from './corrupt-batch-error';
import { FetchedRecord } from './fetched-record';
import type { FetchedBatch } from './fetched-record';
import type { TopicPartition } from '@millrace/event';
import { RisingRecords } from './rising-records';

/** Of a batch, before what its length counts. */
const BEFORE_LENGTH = 12;
const ATTRIBUTES_AT = 21;
/** What kafkajs wants to see before it reads on; a whole batch is larger. */
const LEAST_BATCH = 61;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;

/**
 * The records of all complete batches of magic 2 in an answer; the broker cuts the last batch where the answer is full. In the
 * form that kafkajs gives, markers included, and checked against the checksums, which kafkajs does not do.
 * Source: Kafka documentation, "Message format".
 * @throws CorruptBatchError
 */
export async function readRecordBatches(at: TopicPartition, bytes: Buffer): Promise<RisingRecords> {
  const records = new RisingRecords();
  for (let from = 0; from + LEAST_BATCH <= bytes.length;) {
    const end = from + BEFORE_LENGTH + bytes.readInt32BE(from + BEFORE_LENGTH - 4);
    if (end > bytes.length) break;
    await readBatch(at, bytes.subarray(from, end), records);
    from = end;
  }
  return records;
}

async function readBatch(
  { topic, partition }: TopicPartition,
  bytes: Buffer,
  into: FetchedRecord[],
): Promise<void> {
  const reader = new ByteReader(bytes);
  const baseOffset = reader.int64();
  reader.skip(4);
  const partitionLeaderEpoch = reader.int32();
  reader.skip(1);
  const checksum = reader.int32() >>> 0;
  if (crc32c(bytes.subarray(ATTRIBUTES_AT)) !== checksum)
    throw new CorruptBatchError(baseOffset, 'its checksum does not fit');
  const attributes = reader.int16();
  const lastOffsetDelta = reader.int32();
  const baseTimestamp = reader.int64();
  const maxTimestamp = reader.int64();
  const context = {
    firstOffset: baseOffset.toString(),
    firstTimestamp: baseTimestamp.toString(),
    partitionLeaderEpoch,
    inTransaction: (attributes & TRANSACTIONAL) !== 0,
    isControlBatch: (attributes & CONTROL) !== 0,
    lastOffsetDelta,
    producerId: reader.int64().toString(),
    producerEpoch: reader.int16(),
    firstSequence: reader.int32(),
    maxTimestamp: maxTimestamp.toString(),
    timestampType: (attributes & LOG_APPEND_TIME) !== 0 ? 1 : 0,
    magicByte: 2,
  };
  const count = reader.int32();
  const codec = lookupCodecByAttributes(attributes);
  const records = codec === null ? reader : new ByteReader(await codec.decompress(bytes.subarray(reader.at)));
  const batch: FetchedBatch = {
    ...{ topic, partition, context, bytes: records.bytes, baseOffset, baseTimestamp },
    appendedAt: context.timestampType === 1 ? maxTimestamp : undefined,
    isControlBatch: context.isControlBatch,
  };
  for (let index = 0; index < count; index++) into.push(readRecord(records, batch));
}

function readRecord(reader: ByteReader, batch: FetchedBatch): FetchedRecord {
  const length = reader.varint();
  const end = reader.at + length;
  if (length < 0 || end > reader.bytes.length)
    throw new CorruptBatchError(batch.baseOffset, 'a record ends behind its batch');
  // Its attributes, which mean nothing yet.
  reader.skip(1);
  const timestampDelta = reader.varlong();
  const offset = batch.baseOffset + BigInt(reader.varint());
  const keySize = reader.varint();
  const keyAt = reader.skip(Math.max(keySize, 0));
  const valueSize = reader.varint();
  const valueAt = reader.skip(Math.max(valueSize, 0));
  const headersAt = reader.at;
  // The headers come last, and are passed over.
  reader.at = end;
  return new FetchedRecord(batch, offset, timestampDelta, keyAt, keySize, valueAt, valueSize, headersAt);
}
