import type { LogRecord } from '@millrace/event';

/**
 * Hears what happens to the records of one partition, while it happens. Every method is called on the hot path: it is
 * quick, never throws, and does nothing that the delivery would wait for.
 */
export interface PartitionObserver {
  /** These records came, in order; the first is the first of the partition that is not done. They may come again. */
  received(records: readonly LogRecord[]): void;
  /**
   * The position moved to `nextOffset`, for good, over so many of the records that were received, those that were
   * dropped as repeats or passed over on purpose with them.
   */
  consumed(count: number, nextOffset: bigint): void;
  /** A handler was called for one record, and took so many seconds until it was done or threw. */
  processed(seconds: number, outcome: 'done' | 'failed'): void;
  /** A try of a record failed, and it will be tried again: where the position is, in its lane, or from the queue of its key. */
  retried(): void;
  /** A record went out of the way of the others, and its key is fenced; not told of those that queue behind it. */
  parked(): void;
  /** A record became a dead letter, at once or from the queue of its key. */
  dead(): void;
}

/** For a partition that nobody observes. */
export const noPartitionObserver: PartitionObserver = {
  received() {},
  consumed() {},
  processed() {},
  retried() {},
  parked() {},
  dead() {},
};
