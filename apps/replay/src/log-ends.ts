import { formatTopicPartition } from '@millrace/event';
import type { LogBounds } from '@millrace/kafka';

/**
 * Where the log of each partition ends, by `topic/partition`. A topic that is named twice is asked for once.
 * @throws whatever `boundsOf` does; a caller that can do without a topic's ends answers no bounds for it.
 */
export async function logEnds(
  topics: Iterable<string>,
  boundsOf: (topic: string) => Promise<readonly LogBounds[]>,
): Promise<Map<string, bigint>> {
  const ends = new Map<string, bigint>();
  for (const topic of new Set(topics)) {
    const bounds = await boundsOf(topic);
    bounds.forEach(({ end }, partition) => ends.set(formatTopicPartition({ topic, partition }), end));
  }
  return ends;
}
