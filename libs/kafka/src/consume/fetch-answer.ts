import type { TopicPartition } from '@millrace/event';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import decodeMessages from 'kafkajs/src/protocol/requests/fetch/v4/decodeMessages.js';
import { ByteReader } from './byte-reader';
import { readRecordBatches } from './record-batches';

const MAGIC_AT = 16;
const MAGIC = 2;

/**
 * Reads a broker's answer to Fetch of version 4 to 11 as kafkajs does, except for the records: they are read lazily, and their
 * checksums are checked. Source: Kafka protocol guide, "Fetch API".
 * @throws CorruptBatchError
 */
export async function readFetchAnswer(version: number, answer: Buffer): Promise<object> {
  const reader = new ByteReader(answer);
  const throttleTime = reader.int32();
  // From version 8 on the broker has not waited: the client has to.
  const throttle =
    version >= 8 ? { throttleTime: 0, clientSideThrottleTime: throttleTime } : { throttleTime };
  const session = version >= 7 ? { errorCode: reader.int16(), sessionId: reader.int32() } : {};
  const responses = [];
  for (let left = reader.int32(); left > 0; left--) {
    const topicName = reader.string();
    const partitions = [];
    for (let more = reader.int32(); more > 0; more--)
      partitions.push(await readPartition(version, topicName, reader));
    responses.push({ topicName, partitions });
  }
  return { ...throttle, ...session, responses };
}

async function readPartition(version: number, topic: string, reader: ByteReader): Promise<object> {
  const partition = reader.int32();
  return {
    partition,
    errorCode: reader.int16(),
    highWatermark: reader.int64().toString(),
    lastStableOffset: reader.int64().toString(),
    ...(version >= 5 ? { lastStartOffset: reader.int64().toString() } : {}),
    abortedTransactions: reader.array(() => ({
      producerId: reader.int64().toString(),
      firstOffset: reader.int64().toString(),
    })),
    ...(version >= 11 ? { preferredReadReplica: reader.int32() } : {}),
    messages: await readMessages({ topic, partition }, reader),
  };
}

async function readMessages(at: TopicPartition, reader: ByteReader): Promise<readonly object[]> {
  const from = reader.at;
  const size = reader.int32();
  if (size <= 0) return [];
  const records = reader.bytes.subarray(reader.skip(size), reader.at);
  // Messages of before Kafka 0.11 have another form, and no headers.
  if (records[MAGIC_AT] !== MAGIC) return decodeMessages(new Decoder(reader.bytes.subarray(from, reader.at)));
  return readRecordBatches(at, records);
}
