import type { Admin } from 'kafkajs';
import { TopicNotFoundError } from './errors';

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
  const offsets = await admin.fetchTopicOffsets(topic).catch((error: unknown) => {
    throw isUnknownTopic(error) ? new TopicNotFoundError(topic) : error;
  });
  const bounds: LogBounds[] = [];
  for (const { partition, low, high } of offsets)
    bounds[partition] = { start: BigInt(low), end: BigInt(high) };
  return bounds;
}

export function isUnknownTopic(error: unknown): boolean {
  return error instanceof Error && 'type' in error && error.type === 'UNKNOWN_TOPIC_OR_PARTITION';
}
