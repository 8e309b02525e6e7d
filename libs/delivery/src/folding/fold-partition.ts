import { setTimeout as sleep } from 'node:timers/promises';
import { MillraceError } from '@millrace/contracts';
import type { Logger } from '@millrace/contracts';
import type { LogRecord, TopicPartition } from '@millrace/event';
import { fullJitterMs } from '../backoff';
import type { EffectFailure, Verdict } from '../effect-failure';
import { wordsOf } from '../effect-failure';
import { QueueFullError } from '../errors';
import { DrainLoop } from '../parking/drain-loop';
import type { Drain } from '../parking/drain-loop';
import { reasonFor } from '../parking/group-judge';
import { KeyFences } from '../parking/key-fences';
import type { ParkedRecord, ParkingLot } from '../parking/parking-lot';
import { TransactionalDrain } from '../parking/transactional-drain';
import type { HandleOutcome, OpenContext, OpenOutcome, PartitionHandler } from '../partition-handler';
import { PositionedPartition } from '../positioned-partition';
import type { PositionedPartitionOptions } from '../positioned-partition-options';
import type { FoldBounds } from './fold-bounds';
import { MAX_KEY_SHARE } from './fold-bounds';
import type { FoldDecisions } from './fold-decisions';

export interface FoldPartitionOptions<Transaction> extends Omit<
  PositionedPartitionOptions<Transaction>,
  'judge' | 'setAside' | 'afterSetAside'
> {
  /** Where keys park. Left out where no record can wait for another by its key: then the partition stands still. */
  readonly lot?: ParkingLot<Transaction>;
  /**
   * Told when what `process` remembers of earlier transactions may not be true any more: one of them may have committed
   * although it failed. Needed by whoever needs `committed`.
   */
  readonly forget?: () => void;
  readonly bounds: FoldBounds;
  readonly decisions: FoldDecisions;
  readonly log: Logger;
}

/** How often a partition that stands still looks whether somebody has decided. */
const POLL_MS = 500;

/**
 * One partition whose records are folded. A fold is pure: what fails once fails always, so nothing is tried again by itself. A
 * record that fails parks its key, in the transaction that moves the position past it, and later records of the key queue
 * behind it in order; or it halts the partition, where there is no key to park. Both last until somebody decides
 * (`FoldDecisions`, and `redrive` of the parking lot). Then the owner folds the queue, in order, in bounded chunks, with the
 * same `process` that folds the log, and never beside it: what `process` remembers of its rows between two calls stays true.
 */
export class FoldPartition<Transaction> implements PartitionHandler {
  private readonly fences: KeyFences<Transaction> | undefined;
  private readonly partition: PositionedPartition<Transaction>;
  /** Of the keys that are parked; undefined where none can be. */
  readonly queues: DrainLoop | undefined;
  private skipped: ReadonlySet<bigint> = new Set();
  /** Whether the present transaction has come to `process`. */
  private hasFolded = false;
  private draining: Promise<void> | undefined;
  /** Ends when whatever folds now has ended. */
  private turn: Promise<unknown> = Promise.resolve();
  private assignment: AbortSignal = AbortSignal.abort();

  constructor(
    private readonly at: TopicPartition,
    private readonly options: FoldPartitionOptions<Transaction>,
  ) {
    const { lot, bounds } = options;
    this.fences =
      lot === undefined ? undefined : new KeyFences(at, lot, { ...bounds, maxKeyShare: MAX_KEY_SHARE });
    this.queues =
      lot === undefined || this.fences === undefined ? undefined : this.queuesOf(lot, this.fences);
    this.partition = new PositionedPartition<Transaction>(at, {
      ...options,
      judge: (failure) => this.judge(failure),
      setAside: (tx, failure) => this.park(tx, failure),
      afterSetAside: (failure) => this.tell(failure, 'an event cannot be folded, and its key is parked'),
      process: (tx, records, signal) => this.fold(tx, records, signal),
      // All of its records may have been left out: then the last `process` was in a transaction of before.
      committed: () => {
        if (this.hasFolded) options.committed?.();
      },
    });
  }

  /** The first offset that is neither folded nor parked. */
  get nextOffset(): bigint {
    return this.partition.nextOffset;
  }

  async open(context: OpenContext): Promise<OpenOutcome> {
    this.assignment = context.signal;
    // Opened again after a halt, its queues may be under way: what they have read is theirs until they have written it.
    await this.alone(async () => this.options.forget?.());
    const outcome = await this.partition.open(context);
    if (outcome.kind !== 'open') return outcome;
    this.skipped = await this.options.decisions.skipped(this.at);
    // Only the owner parks keys, and the former one cannot any more: this is all of them.
    await this.fences?.load();
    // Opened again after a halt, its queues are drained already.
    this.draining ??= this.queues?.run(context.signal);
    return outcome;
  }

  async close(): Promise<void> {
    await this.partition.close();
    await this.draining;
  }

  handle(records: readonly LogRecord[], signal: AbortSignal): Promise<HandleOutcome> {
    return this.alone(() => this.partition.handle(records, signal));
  }

  copied(nextOffset: bigint): Promise<void> {
    return this.partition.copied(nextOffset);
  }

  private async fold(tx: Transaction, records: readonly LogRecord[], signal: AbortSignal): Promise<void> {
    this.hasFolded = false;
    const wanted =
      this.skipped.size === 0 ? records : records.filter(({ offset }) => !this.skipped.has(offset));
    const free = this.fences === undefined ? wanted : await this.fences.letThrough(tx, wanted);
    if (free.length === 0) return;
    this.hasFolded = true;
    await this.options.process(tx, free, signal);
  }

  private judge({ record, error, attempt }: EffectFailure): Verdict {
    const { fences } = this;
    if (error instanceof QueueFullError && fences !== undefined)
      return this.halt(record, error, 'try again or skip what is parked', () => fences.hasRoomFor(record));
    if (mayPass(error)) return { kind: 'hold', delayMs: fullJitterMs(attempt - 1, this.options.backoff) };
    if (fences === undefined)
      return this.halt(
        record,
        error,
        'no key can be parked here: deploy a fold that takes the event, or skip it',
      );
    if (record.key === null)
      return this.halt(record, error, 'the record has no key that could be parked: correct that, or skip it');
    const refusal = fences.refusal();
    return refusal === undefined ? { kind: 'setAside' } : this.halt(record, error, refusal);
  }

  private halt(record: LogRecord, error: unknown, because: string, hasRoom?: () => boolean): Verdict {
    const reason = `${wordsOf(error)} (${because})`;
    return {
      kind: 'halt',
      because,
      over: this.untilReleased({ offset: record.offset, reason }, hasRoom ?? (() => false)),
    };
  }

  /** Until somebody has decided about the record, or the assignment has ended. Never rejects. */
  private async untilReleased(
    halt: { readonly offset: bigint; readonly reason: string },
    hasRoom: () => boolean,
  ): Promise<void> {
    const { decisions } = this.options;
    let isNoted = false;
    while (!this.assignment.aborted) {
      try {
        if (!isNoted) await decisions.noteHalt(this.at, this.partition.epoch, halt);
        isNoted = true;
        if (hasRoom() || (await decisions.isReleased(this.at))) return;
      } catch (error) {
        this.options.log.debug({ ...this.at, error: wordsOf(error) }, 'nobody can be asked about a halt yet');
      }
      await sleep(POLL_MS, undefined, { signal: this.assignment }).catch(() => undefined);
    }
  }

  private async park(tx: Transaction, failure: EffectFailure): Promise<void> {
    this.fences?.setAside(failure.record, true);
    await this.options.lot?.bury(tx, failure.record, reasonFor(failure), true);
  }

  private queuesOf(lot: ParkingLot<Transaction>, fences: KeyFences<Transaction>): DrainLoop {
    const { at } = this;
    const { prepare, process, committed, forget, ledger, decisions, log } = this.options;
    const epoch = () => this.partition.epoch;
    const queues = new TransactionalDrain<Transaction>({
      ...{ at, lot, fences, epoch, prepare, process },
      classify: (error) => ledger.classify(error),
      failed: (record, error) => this.failedAgain(lot, record, error),
      ...(committed === undefined ? {} : { committed }),
      ...(forget === undefined ? {} : { uncertain: forget }),
    });
    // A partition without parked keys asks the store nothing.
    const ifParked = (round: Drain['round']): Drain => ({
      round: async (signal) => fences.isAny && round(signal),
    });
    const skips = ifParked(async () => {
      await decisions.dropSkipped(at);
      return false;
    });
    const drain = ifParked((signal) => this.alone(() => queues.round(signal)));
    const reload = async () => {
      if (fences.isAny) await fences.load();
    };
    return new DrainLoop(at, { drains: [skips, drain], reload, log });
  }

  /** @throws what may pass: the queue is tried again, by itself. */
  private async failedAgain(
    lot: ParkingLot<Transaction>,
    record: ParkedRecord,
    error: unknown,
  ): Promise<void> {
    if (mayPass(error)) throw error;
    const failure = { record, error, attempt: record.attempts + 1 };
    await lot.buryQueued(record, this.partition.epoch, { reason: reasonFor(failure), fence: true });
    this.tell(failure, 'a parked event cannot be folded yet');
  }

  /** Not the error's words: those of a database may hold a value. They stand with the parked event. */
  private tell({ record: { topic, partition, offset }, error }: EffectFailure, what: string): void {
    const { reader } = this.options.ledger;
    const name = error instanceof Error ? error.name : typeof error;
    this.options.log.warn({ reader, topic, partition, offset: String(offset), error: name }, what);
  }

  private alone<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = this.turn.then(work);
    this.turn = mine.catch(() => undefined);
    return mine;
  }
}

/** Whether it says of itself that the same may succeed later. */
function mayPass(error: unknown): boolean {
  return error instanceof MillraceError && error.retriable;
}
