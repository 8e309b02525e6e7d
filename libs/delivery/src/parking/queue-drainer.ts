import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@millrace/contracts';
import type { LogRecord, TopicPartition } from '@millrace/event';
import { causeOf, RecordFailure, wordsOf } from '../effect-failure';
import type { StoreFailure } from '../position-ledger';
import { drainDelayMs, isPermanent, reasonFor } from './group-judge';
import type { Ladder } from './group-judge';
import type { KeyFences } from './key-fences';
import type { ParkedRecord, ParkingLot } from './parking-lot';

export interface QueueDrainerOptions<Transaction> {
  readonly ladder: Ladder;
  /** Whether a key stays fenced when a record of it becomes a dead letter. */
  readonly fenceDead: boolean;
  readonly lot: ParkingLot<Transaction>;
  readonly fences: KeyFences<Transaction>;
  /** Of the partition's owner. */
  readonly epoch: () => bigint;
  readonly classify: (error: unknown) => StoreFailure;
  /** As for records that come from the log. */
  readonly prepare: (records: readonly LogRecord[]) => Promise<void>;
  readonly process: (tx: Transaction, records: readonly LogRecord[], signal: AbortSignal) => Promise<void>;
  readonly log: Logger;
}

/** How long it waits when nothing is due, or the store is away. */
const POLL_MS = 500;
/** How often it looks for what others have changed, in polls. */
const RELOAD_POLLS = 10;
const FIRST = 32;
const MOST = 512;

/**
 * Runs the queues of a partition's fenced keys when they are due, beside the records that come from the log: oldest first, many
 * together in one transaction with their removal. One that fails is tried again later, and in the end becomes a dead letter.
 */
export class QueueDrainer<Transaction> {
  private size = FIRST;

  constructor(
    private readonly at: TopicPartition,
    private readonly options: QueueDrainerOptions<Transaction>,
  ) {}

  /** Until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    for (let poll = 1; !signal.aborted; poll++) {
      try {
        if (poll % RELOAD_POLLS === 0) await this.options.fences.load();
        await this.drainDue(signal);
      } catch (error) {
        if (!isAborted(signal))
          this.options.log.debug({ ...this.at, error: wordsOf(error) }, 'parked records wait');
      }
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Drains until nothing is due. @throws when the store, or what the records need, is away. */
  async drainDue(signal: AbortSignal): Promise<void> {
    while (await this.drainSome(signal)) signal.throwIfAborted();
  }

  /** Whether it did something, so that more may be due. */
  private async drainSome(signal: AbortSignal): Promise<boolean> {
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
      else if (first !== undefined) await this.failed(first, causeOf(error));
      return true;
    }
  }

  private async failed(record: ParkedRecord, error: unknown): Promise<void> {
    const { ladder, lot, epoch, fenceDead: fence, log } = this.options;
    const attempts = record.attempts + 1;
    const reason = reasonFor({ record, error, attempt: attempts });
    const place = { ...this.at, offset: String(record.offset), attempts, error: reason.message };
    if (isPermanent(error) || attempts >= ladder.retry.attempts + ladder.parking.attempts) {
      await lot.buryQueued(record, epoch(), { reason, fence });
      log.error(place, 'a parked record became a dead letter');
      return;
    }
    await lot.postpone(record, epoch(), { reason, delayMs: drainDelayMs(ladder, attempts) });
    log.warn(place, 'a parked record failed again');
  }
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
