import type { LogRecord } from '@millrace/event';
import type { Backoff } from './backoff';
import type { EffectFailure, Judge } from './effect-failure';
import type { PartitionObserver } from './partition-observer';
import type { PartitionPositionOptions } from './partition-position';

export interface PositionedPartitionOptions<Transaction> extends PartitionPositionOptions<Transaction> {
  /** Waits while the store, or what `prepare` needs, cannot be reached. */
  readonly backoff: Backoff;
  /** Whatever must be fetched before the records can be processed; it runs outside the transaction. */
  readonly prepare: (records: readonly LogRecord[]) => Promise<void>;
  /** The effects of the records, in order, within the transaction that moves the position. May throw a RecordFailure. */
  readonly process: (tx: Transaction, records: readonly LogRecord[], signal: AbortSignal) => Promise<void>;
  /** Told when the transaction of the last `process` is committed. One of which nobody hears was rolled back, or it is fenced. */
  readonly committed?: () => void;
  /** What one commit is to take at most; those that take longer are made smaller. Default 500 ms. */
  readonly commitWithinMs?: number;
  /** Asked about each try of a record that failed on its own, unless the store was at fault. */
  readonly judge: Judge;
  /** Takes a record out of the way. Left out where the judge never says so. */
  readonly setAside?: (tx: Transaction, failure: EffectFailure) => Promise<void>;
  /** Told of a record that was set aside, once that is committed. */
  readonly afterSetAside?: (failure: EffectFailure) => void;
  /** Hears what becomes of the records. Default: nobody does. */
  readonly observer?: PartitionObserver;
}
