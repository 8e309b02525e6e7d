import { formatTopicPartition } from '@millrace/event';
import type { TopicPartition } from '@millrace/event';
import type { StoredPosition } from './position-ledger';

/**
 * Why a stored position cannot be continued from, in words that say what to do, or `undefined` when it can.
 * A position outside the log, or a changed partition count, would be silently wrong: keys would have moved, or
 * records would be missing.
 */
export function checkStoredPosition(
  at: TopicPartition,
  stored: StoredPosition,
  log: { readonly start: bigint; readonly end: bigint; readonly partitionCount: number },
): string | undefined {
  const where = formatTopicPartition(at);
  const moved = checkPartitionCount(at.topic, stored.partitionCount, log.partitionCount);
  if (moved !== undefined) return moved;
  if (stored.nextOffset > log.end) {
    return (
      `the stored position ${stored.nextOffset} of ${where} is beyond the end of the log (${log.end}): the topic was ` +
      'made again, or this is another cluster. Bring the old topic back, or reset the reader on purpose.'
    );
  }
  if (stored.nextOffset < log.start) {
    return (
      `the stored position ${stored.nextOffset} of ${where} is no longer retained, the log starts at ${log.start}. ` +
      'Reset the reader on purpose to go on without the records in between.'
    );
  }
  return undefined;
}

/** The same for a partition without a position of its own, in a topic that the reader has stood in before. */
export function checkPartitionCount(topic: string, known: number, present: number): string | undefined {
  if (known === present) return undefined;
  return (
    `${topic} has ${present} partitions, and had ${known} when this reader last stood in it: keys have moved to ` +
    'other partitions. Read a topic that has this number from its start, or reset the reader on purpose.'
  );
}

/** The record before the position is not the one that was done there. */
export function explainAnotherTopic(at: TopicPartition, position: bigint): string {
  return (
    `the record before offset ${position} of ${formatTopicPartition(at)} is ` +
    'not the one that was last done: the topic was deleted and made again, or this is another cluster. ' +
    'Bring the old topic back, or reset the reader on purpose.'
  );
}

/** Retention has overtaken a reader that was reading. */
export function explainLostRecords(at: TopicPartition, position: bigint, logStart: bigint): string {
  return (
    `offset ${position} of ${formatTopicPartition(at)} is gone, the log now ` +
    `starts at ${logStart}: retention was shorter than the lag. Reset the reader on purpose to go on without them.`
  );
}
