import type { TopicPartition } from '@millrace/event';

/** Why a partition that is folded stands still before a record. */
export interface FoldHalt {
  readonly offset: bigint;
  /** In words, for people. */
  readonly reason: string;
}

/**
 * What people decide of events that a reader cannot fold, and what it tells them. Kept where its positions are kept, so that
 * any process can ask and decide, and the partition's owner hears of it.
 */
export interface FoldDecisions {
  /** The offsets, from the position on, that are left out by decision. */
  skipped(at: TopicPartition): Promise<ReadonlySet<bigint>>;
  /** Tells that the owner of this epoch stands still; halted at the same offset before, it has stood since then. */
  noteHalt(at: TopicPartition, epoch: bigint, halt: FoldHalt): Promise<void>;
  /** Whether the record that the partition stands still before is to be tried again, or skipped. A wish is granted once. */
  isReleased(at: TopicPartition): Promise<boolean>;
  /** Takes parked records away that are to be skipped: what is queued behind them is due. */
  dropSkipped(at: TopicPartition): Promise<void>;
}
