import { formatTopicPartition } from '@millrace/event';
import { createErrorFromCode } from 'kafkajs/src/protocol/error.js';
import type { ClientRequest } from '../client-cluster';

/** Record batches of one partition's, in the log's own format. */
export interface PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
}

/** What became of one partition's batch: the offset of its first record, or the broker's error. */
export type PartitionAnswer = { readonly baseOffset: bigint } | { readonly error: Error };

export interface ProduceAnswer {
  /** By `formatTopicPartition`. */
  readonly partitions: ReadonlyMap<string, PartitionAnswer>;
  /** How long the broker wants to be left alone; kafkajs's connection sees to it. */
  readonly clientSideThrottleTime: number;
}

export interface ProduceRequest extends ClientRequest<ProduceAnswer> {
  /** True as soon as its bytes were asked for: from then on some may have left this process. */
  readonly mayHaveLeft: boolean;
}

const API_KEY = 0;
/** Kafka 2.1 and newer take it; later ones add nothing that is needed here. */
const API_VERSION = 7;
const ALL_IN_SYNC_REPLICAS = -1;
/** Less than the client waits for an answer, so that a broker whose replicas are slow can still say so. */
const ACKNOWLEDGE_WITHIN_MS = 8_000;
const NULL_STRING = -1;

/**
 * Writes batches to partitions that one broker leads, with acks=all. The broker takes each for itself: some may be refused
 * while others are written. At most one batch for each partition.
 * Source: Kafka protocol guide, Produce API (key 0), version 7.
 */
export function produceRequest(batches: readonly PartitionBatch[]): ProduceRequest {
  let mayHaveLeft = false;
  return {
    get mayHaveLeft() {
      return mayHaveLeft;
    },
    request: {
      apiKey: API_KEY,
      apiVersion: API_VERSION,
      apiName: 'Produce',
      encode: async () => {
        mayHaveLeft = true;
        const buffer = encodeRequest(batches);
        return { buf: buffer, buffer };
      },
    },
    response: { decode: async (payload) => decodeAnswer(payload), parse: async (answer) => answer },
  };
}

function encodeRequest(batches: readonly PartitionBatch[]): Buffer {
  const topics = Map.groupBy(batches, ({ topic }) => topic);
  const parts = [
    int16(NULL_STRING),
    int16(ALL_IN_SYNC_REPLICAS),
    int32(ACKNOWLEDGE_WITHIN_MS),
    int32(topics.size),
  ];
  for (const [topic, ofTopic] of topics) {
    const name = Buffer.from(topic);
    parts.push(int16(name.length), name, int32(ofTopic.length));
    for (const { partition, bytes } of ofTopic) parts.push(int32(partition), int32(bytes.length), bytes);
  }
  return Buffer.concat(parts);
}

function decodeAnswer(payload: Buffer): ProduceAnswer {
  const partitions = new Map<string, PartitionAnswer>();
  let at = 4;
  for (let topics = payload.readInt32BE(0); topics > 0; topics--) {
    const nameEnd = at + 2 + payload.readInt16BE(at);
    const topic = payload.toString('utf8', at + 2, nameEnd);
    at = nameEnd + 4;
    for (let count = payload.readInt32BE(nameEnd); count > 0; count--) {
      const errorCode = payload.readInt16BE(at + 4);
      const answer =
        errorCode === 0
          ? { baseOffset: payload.readBigInt64BE(at + 6) }
          : { error: createErrorFromCode(errorCode) };
      partitions.set(formatTopicPartition({ topic, partition: payload.readInt32BE(at) }), answer);
      // Partition, error, base offset, time of the append, start of the log.
      at += 4 + 2 + 8 + 8 + 8;
    }
  }
  return { partitions, clientSideThrottleTime: payload.readInt32BE(at) };
}

function int16(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}
