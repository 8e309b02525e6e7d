import type { Admin } from 'kafkajs';
import { TopicNotFoundError } from './errors';
import { brokerAnswer } from './write-failure';

/** What the log of one partition still holds: offsets from `start` up to, and without, `end`. */
export interface LogBounds {
  readonly start: bigint;
  readonly end: bigint;
}

/**
 * The bounds of every partition of a topic; the array's index is the partition.
 * @throws TopicNotFoundError when the topic does not exist.
 */
export async function readLogBounds(admin: Admin, topic: string): Promise<LogBounds[]> {
  try {
    const bounds: LogBounds[] = [];
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      bounds[partition] = { start: BigInt(low), end: BigInt(high) };
    }
    return bounds;
  } catch (error) {
    throw isUnknownTopic(error) ? new TopicNotFoundError(topic) : error;
  }
}

/** Whether the cluster has answered that a topic does not exist. */
export function isUnknownTopic(error: unknown): boolean {
  return brokerAnswer(error) === 'UNKNOWN_TOPIC_OR_PARTITION';
}
