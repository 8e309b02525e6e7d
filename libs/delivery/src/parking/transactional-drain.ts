import type { Logger } from '@millrace/contracts';
import type { LogRecord, TopicPartition } from '@millrace/event';
import type { ConsumerGroup } from '../consumer-group';
import type { PartitionObserver } from '../delivery-observer';
import { causeOf, RecordFailure } from '../effect-failure';
import type { StoreFailure } from '../position-ledger';
import type { Drain } from './drain-loop';
import { noteFailedDrain } from './failed-drain';
import type { KeyFences } from './key-fences';
import type { ParkedRecord, ParkingLot } from './parking-lot';

export interface TransactionalDrainOptions<Transaction> {
  readonly group: ConsumerGroup;
  readonly lot: ParkingLot<Transaction>;
  readonly fences: KeyFences<Transaction>;
  /** Of the partition's owner. */
  readonly epoch: () => bigint;
  readonly classify: (error: unknown) => StoreFailure;
  /** As for records that come from the log. */
  readonly prepare: (records: readonly LogRecord[]) => Promise<void>;
  readonly process: (tx: Transaction, records: readonly LogRecord[], signal: AbortSignal) => Promise<void>;
  readonly log: Logger;
  readonly observer: PartitionObserver;
}

const FIRST = 32;
const MOST = 512;

/**
 * Runs queues oldest first, many records together in one transaction with their removal. When one fails, what went before it is
 * run without it, and it is tried again later.
 */
export class TransactionalDrain<Transaction> implements Drain {
  private size = FIRST;

  constructor(
    private readonly at: TopicPartition,
    private readonly options: TransactionalDrainOptions<Transaction>,
  ) {}

  async round(signal: AbortSignal): Promise<boolean> {
    const { lot, fences, epoch, prepare, process } = this.options;
    const { latest } = fences;
    const work: { taken: readonly ParkedRecord[]; isPrepared: boolean } = { taken: [], isPrepared: false };
    try {
      const { records, released } = await lot.drain(
        this.at,
        { epoch: epoch(), limit: this.size },
        async (tx, due) => {
          work.taken = due;
          await prepare(due);
          work.isPrepared = true;
          await process(tx, due, signal);
        },
      );
      fences.drained(records, released, latest);
      if (records === this.size) this.size = Math.min(MOST, this.size * 2);
      return records > 0;
    } catch (error) {
      if (signal.aborted || !work.isPrepared || this.options.classify(causeOf(error)) !== 'other')
        throw error;
      const { taken } = work;
      const failing = error instanceof RecordFailure ? taken.findIndex((each) => each === error.record) : -1;
      const [first] = taken;
      if (failing > 0) this.size = failing;
      else if (failing < 0 && taken.length > 1) this.size = Math.ceil(taken.length / 2);
      else if (first !== undefined)
        await noteFailedDrain(first, causeOf(error), { ...this.options, epoch: epoch() });
      return true;
    }
  }
}
