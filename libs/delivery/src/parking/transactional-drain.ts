import type { LogRecord } from '@millrace/event';
import { causeOf, RecordFailure } from '../effect-failure';
import type { GroupPartitionParts } from '../group-partition-parts';
import type { StoreFailure } from '../position-ledger';
import type { Drain } from './drain-loop';
import type { ParkedRecord } from './parking-lot';

export interface TransactionalDrainOptions<Transaction> extends Pick<
  GroupPartitionParts<Transaction>,
  'at' | 'lot' | 'fences' | 'epoch' | 'prepare'
> {
  readonly classify: (error: unknown) => StoreFailure;
  /** As for records that come from the log. */
  readonly process: (tx: Transaction, records: readonly LogRecord[], signal: AbortSignal) => Promise<void>;
  /** Told when the transaction of the last `process` is committed. */
  readonly committed?: () => void;
  /** Told when it is not known to be: it may be all the same. */
  readonly uncertain?: () => void;
  /** Says what becomes of a record that has failed again, the first of its queue; nothing of its chunk was done. */
  readonly failed: (record: ParkedRecord, error: unknown) => Promise<void>;
}

const FIRST = 32;
const MOST = 512;

/**
 * Runs queues oldest first, many records together in one transaction with their removal. When one fails, what went before it is
 * run without it, and it is tried again later.
 */
export class TransactionalDrain<Transaction> implements Drain {
  private size = FIRST;

  constructor(private readonly options: TransactionalDrainOptions<Transaction>) {}

  async round(signal: AbortSignal): Promise<boolean> {
    const { at, lot, fences, epoch, prepare, process } = this.options;
    const { latest } = fences;
    const work: { taken: readonly ParkedRecord[]; isPrepared: boolean } = { taken: [], isPrepared: false };
    try {
      const { records, released } = await lot.drain(
        at,
        { epoch: epoch(), limit: this.size },
        async (tx, due) => {
          work.taken = due;
          await prepare(due);
          work.isPrepared = true;
          await process(tx, due, signal);
        },
      );
      if (records > 0) this.options.committed?.();
      fences.drained(records, released, latest);
      if (records === this.size) this.size = Math.min(MOST, this.size * 2);
      return records > 0;
    } catch (error) {
      this.options.uncertain?.();
      if (signal.aborted || !work.isPrepared || this.options.classify(causeOf(error)) !== 'other')
        throw error;
      const { taken } = work;
      const failing = error instanceof RecordFailure ? taken.findIndex((each) => each === error.record) : -1;
      const [first] = taken;
      if (failing > 0) this.size = failing;
      else if (failing < 0 && taken.length > 1) this.size = Math.ceil(taken.length / 2);
      else if (first !== undefined) await this.options.failed(first, causeOf(error));
      return true;
    }
  }
}
