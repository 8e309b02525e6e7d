import type { LogRecord } from '@millrace/event';
import type { Backoff } from './backoff';
import type { PartitionPositionOptions } from './partition-position';

export interface PositionedPartitionOptions<Transaction> extends PartitionPositionOptions<Transaction> {
  /** Waits between tries of a record that fails, and of a store that cannot be reached. */
  readonly backoff: Backoff;
  /** Whether an error of the effects may pass by waiting; one that may not halts the partition. */
  readonly isTransient: (error: unknown) => boolean;
  /** Whatever must be fetched before the records can be processed; it runs outside the transaction. */
  readonly prepare: (records: readonly LogRecord[]) => Promise<void>;
  /** The effects of the records, in order, within the transaction that moves the position. */
  readonly process: (tx: Transaction, records: readonly LogRecord[], signal: AbortSignal) => Promise<void>;
}
