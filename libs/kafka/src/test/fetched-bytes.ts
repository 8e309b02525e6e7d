import { gzipSync } from 'node:zlib';
import { crc32c } from '@node-rs/crc32';
import Encoder from 'kafkajs/src/protocol/encoder.js';

/** A record as any producer may write it. */
export interface AnyRecord {
  readonly timestampDelta: bigint;
  readonly offsetDelta: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** A name may come more than once, and a value may be missing. */
  readonly headers: readonly (readonly [name: string, value: Buffer | null])[];
}

export interface AnyBatch {
  readonly baseOffset: bigint;
  readonly baseTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly producerId: bigint;
  readonly gzip: boolean;
  /** LogAppendTime, transactional and control, beside the compression. */
  readonly flags: number;
  readonly records: readonly AnyRecord[];
}

/** One record batch as a broker sends it. Source: Kafka documentation, "Message format". */
export function batchBytes(batch: AnyBatch): Buffer {
  const records = Buffer.concat(batch.records.map(recordBytes));
  const body = new Encoder()
    .writeInt16(batch.flags | (batch.gzip ? 1 : 0))
    .writeInt32(batch.records.at(-1)?.offsetDelta ?? 0)
    .writeInt64(batch.baseTimestamp)
    .writeInt64(batch.maxTimestamp)
    .writeInt64(batch.producerId)
    .writeInt16(3)
    .writeInt32(11)
    .writeInt32(batch.records.length)
    .writeBuffer(batch.gzip ? gzipSync(records) : records).buffer;
  const framed = new Encoder().writeInt32(7).writeInt8(2).writeUInt32(crc32c(body)).writeBuffer(body);
  return new Encoder().writeInt64(batch.baseOffset).writeBytes(framed.buffer).buffer;
}

function recordBytes({ timestampDelta, offsetDelta, key, value, headers }: AnyRecord): Buffer {
  const body = new Encoder()
    .writeInt8(0)
    .writeVarLong(timestampDelta)
    .writeVarInt(offsetDelta)
    .writeVarIntBytes(key)
    .writeVarIntBytes(value)
    .writeVarInt(headers.length);
  for (const [name, bytes] of headers) body.writeVarIntString(name).writeVarIntBytes(bytes);
  return new Encoder().writeVarIntBytes(body.buffer).buffer;
}

/** A broker's answer to Fetch of a version from 4 to 11, with one partition that holds these bytes. */
export function answerBytes(version: number, records: Buffer): Buffer {
  const answer = new Encoder().writeInt32(25);
  if (version >= 7) answer.writeInt16(0).writeInt32(77);
  answer.writeInt32(1).writeString('flights').writeInt32(1);
  answer.writeInt32(4).writeInt16(0).writeInt64(9_000n).writeInt64(8_999n);
  if (version >= 5) answer.writeInt64(12n);
  answer.writeInt32(1).writeInt64(5n).writeInt64(100n);
  if (version >= 11) answer.writeInt32(-1);
  return answer.writeBytes(records).buffer;
}

/** Two records with a header each. */
export const someBatch = batchBytes({
  ...{ baseOffset: 40n, baseTimestamp: 1_000n, maxTimestamp: 2_000n, producerId: -1n, gzip: false, flags: 0 },
  records: [0, 1].map((offsetDelta) => ({
    ...{ timestampDelta: 7n, offsetDelta, key: Buffer.from('k'), value: Buffer.from('v') },
    headers: [['ce_id', Buffer.from('1')]],
  })),
});
