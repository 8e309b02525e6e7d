import { crc32c } from '@node-rs/crc32';
import { lookupCodecByAttributes } from 'kafkajs/src/protocol/message/compression/index.js';
import { ByteReader } from './byte-reader';
import { CorruptBatchError } from './corrupt-batch-error';
import { FetchedRecord } from './fetched-record';
import type { FetchedBatch } from './fetched-record';
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
export async function readRecordBatches(bytes: Buffer): Promise<RisingRecords> {
  const records = new RisingRecords();
  for (let at = 0; at + LEAST_BATCH <= bytes.length;) {
    const end = at + BEFORE_LENGTH + bytes.readInt32BE(at + BEFORE_LENGTH - 4);
    if (end > bytes.length) break;
    await readBatch(bytes.subarray(at, end), records);
    at = end;
  }
  return records;
}

async function readBatch(bytes: Buffer, into: FetchedRecord[]): Promise<void> {
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
    ...{ context, bytes: records.bytes, baseOffset, baseTimestamp },
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
  const record = new FetchedRecord(batch, {
    attributes: reader.int8(),
    timestampDelta: reader.varlong(),
    offsetDelta: reader.varint(),
    key: reader.varBytes(),
    value: reader.varBytes(),
    headersAt: reader.at,
  });
  // The headers come last, and are passed over.
  reader.at = end;
  return record;
}
