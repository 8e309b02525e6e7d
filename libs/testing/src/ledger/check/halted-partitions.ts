import { formatTopicPartition } from '@millrace/event';
import type { Position } from '@millrace/event';
import type { Evidence, HaltedPartition } from '../evidence';

/** How a reader says that it has halted because its topic has another number of partitions than it had. */
export const PARTITION_COUNT_CHANGED = /has \d+ partitions, and had \d+/;

/** The readers' partitions that have halted, and said so, for another number of partitions: no other halt is excused. */
export function haltedByPartitionCount(halted: readonly HaltedPartition[]): HaltedPartition[] {
  return halted.filter(({ reason }) => PARTITION_COUNT_CHANGED.test(reason));
}

/**
 * Whether a reader may leave a record unread: those that lie where it has halted for another number of partitions, from
 * its position on, or from the start of a partition that it has never stood in. Everything before is examined as ever.
 */
export function mayBeUnread(
  { positions, halted }: Pick<Evidence, 'positions' | 'halted'>,
  reader: string,
): (at: Position) => boolean {
  const from = new Map(
    haltedByPartitionCount(halted)
      .filter((each) => each.reader === reader)
      .map((each) => [formatTopicPartition(each), 0n]),
  );
  for (const position of positions) {
    const at = formatTopicPartition(position);
    if (position.reader === reader && from.has(at)) from.set(at, position.nextOffset);
  }
  return (at) => {
    const next = from.get(formatTopicPartition(at));
    return next !== undefined && at.offset >= next;
  };
}
