import { formatTopicPartition } from '@millrace/event';
import type { Position } from '@millrace/event';
import type { Evidence, LedgerRecord, ReaderPosition } from '../evidence';

/** Whether a reader has passed a record: nothing is passed in a partition without a position. */
export function consumedBy(positions: Evidence['positions'], reader: string): (at: Position) => boolean {
  const next = new Map(
    positions
      .filter((position) => position.reader === reader)
      .map((position) => [formatTopicPartition(position), position.nextOffset]),
  );
  return (at) => at.offset < (next.get(formatTopicPartition(at)) ?? 0n);
}

/** The positions, of any reader, that lie beyond the end of the log. */
export function beyondTheLog(
  positions: Evidence['positions'],
  log: readonly LedgerRecord[],
): ReaderPosition[] {
  const last = new Map<string, bigint>();
  for (const record of log) {
    const at = formatTopicPartition(record);
    const before = last.get(at) ?? -1n;
    if (record.offset > before) last.set(at, record.offset);
  }
  return positions.filter((position) => {
    return position.nextOffset > (last.get(formatTopicPartition(position)) ?? -1n) + 1n;
  });
}
