import { formatTopicPartition } from '@millrace/event';
import type { LedgerRecord } from './evidence';

/** The distance within which the group and the projections of the ledger recognise a repeat; their default. */
export const REPEATS_WITHIN_OFFSETS = 20_000n;

/**
 * The records of a log without those that are repeats: one of the same source and id lies at most so many offsets before
 * it in its partition. A fold of its own on purpose, which shares nothing with the platform's. Keeps the order given,
 * which must be that of offsets within each partition.
 */
export function distinctRecords(
  log: readonly LedgerRecord[],
  within: bigint = REPEATS_WITHIN_OFFSETS,
): LedgerRecord[] {
  const last = new Map<string, bigint>();
  return log.filter((record) => {
    const identity = `${formatTopicPartition(record)}\n${record.source}\n${record.id}`;
    const before = last.get(identity);
    last.set(identity, record.offset);
    return before === undefined || record.offset - before > within;
  });
}
