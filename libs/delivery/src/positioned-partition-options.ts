import type { LogRecord, TopicPartition } from '@millrace/event';
import type { Backoff } from './backoff';
import type { PositionLedger } from './position-ledger';

/** The log of one partition: offsets from `start` up to, and without, `end`. */
export interface LogExtent {
  readonly start: bigint;
  readonly end: bigint;
  readonly partitionCount: number;
}

export interface PositionedPartitionOptions<Transaction> {
  readonly ledger: PositionLedger<Transaction>;
  /** What the log holds now. */
  readonly readExtent: (at: TopicPartition) => Promise<LogExtent>;
  /** Where a reader without a stored position begins. */
  readonly start: 'earliest' | 'latest';
  /** A record whose identity lies at most so many offsets before it is a repeat, and skipped. */
  readonly repeatsWithin: bigint;
  /** Waits between tries of a record that fails, and of a store that cannot be reached. */
  readonly backoff: Backoff;
  /** Whether an error of the effects may pass by waiting; one that may not halts the partition. */
  readonly isTransient: (error: unknown) => boolean;
  /** Whatever must be fetched before the records can be processed; it runs outside the transaction. */
  readonly prepare: (records: readonly LogRecord[]) => Promise<void>;
  /** The effects of the records, in order, within the transaction that moves the position. */
  readonly process: (tx: Transaction, records: readonly LogRecord[], signal: AbortSignal) => Promise<void>;
}
