import type { LogRecord, TopicPartition } from '@millrace/event';
import { fullJitterMs } from './backoff';
import { causeOf, RecordFailure, wordsOf } from './effect-failure';
import { FencedError, StopReachedError } from './errors';
import { GroupSize } from './group-size';
import type { HandleOutcome, OpenContext, OpenOutcome, PartitionHandler } from './partition-handler';
import { noPartitionObserver } from './partition-observer';
import type { PartitionObserver } from './partition-observer';
import { PartitionPosition } from './partition-position';
import type { PositionedPartitionOptions } from './positioned-partition-options';

/**
 * One partition whose position lives with its effects. Records run in offset order in group commits, as many together as
 * take about half a second, or what is declared: effects and position commit together, so a committed effect happens once, although the code may
 * run again. When a group fails it is rolled back; what went before the record that failed commits without it, and what
 * becomes of that record the judge says.
 */
export class PositionedPartition<Transaction> implements PartitionHandler {
  private readonly position: PartitionPosition<Transaction>;
  /** Tries of the record at the position that have failed. */
  private attempts = 0;
  /** Waits there for the store, or for what the records need: they spend no attempt. */
  private waits = 0;
  private readonly groupSize: GroupSize;
  private isClosing = false;
  private readonly observer: PartitionObserver;

  constructor(
    at: TopicPartition,
    private readonly options: PositionedPartitionOptions<Transaction>,
  ) {
    this.position = new PartitionPosition(at, options);
    this.groupSize = new GroupSize(options.commitWithinMs);
    this.observer = options.observer ?? noPartitionObserver;
  }

  /** Rises with every owner of the partition. */
  get epoch(): bigint {
    return this.position.epoch;
  }

  /** The first offset that is not done; it moves with each group commit. */
  get nextOffset(): bigint {
    return this.position.position;
  }

  open(context: OpenContext): Promise<OpenOutcome> {
    this.attempts = 0;
    this.waits = 0;
    return this.position.open(context);
  }

  async copied(offset: bigint): Promise<void> {
    await this.position.noteCopy(offset);
  }

  /** The group commit that is under way may end; no other begins. */
  async close(): Promise<void> {
    this.isClosing = true;
  }

  async handle(records: readonly LogRecord[], signal: AbortSignal): Promise<HandleOutcome> {
    const { position } = this;
    try {
      const problem = await position.inspect(records);
      if (problem !== undefined) return { kind: 'halt', reason: `${position.reader}: ${problem}` };
      const allowed = await position.allowed(records);
      if (allowed.length > 0) {
        this.observer.received(allowed);
        await this.options.prepare(allowed);
        const outcome = await this.commitInGroups(allowed, signal);
        if (outcome !== undefined) return outcome;
      }
      return position.answerFor(records, signal);
    } catch (error) {
      if (error instanceof StopReachedError) return position.waitAtStop(signal, error.stopAt);
      if (error instanceof FencedError) return { kind: 'fenced', reason: error.message };
      // The store, or something that the records need, is away; or the assignment has ended.
      const delayMs = fullJitterMs(this.waits, this.options.backoff);
      this.waits += 1;
      return this.hold(`wait ${this.waits}: ${wordsOf(causeOf(error))}`, delayMs);
    }
  }

  /** Undefined when all of them are done. */
  private async commitInGroups(
    records: readonly LogRecord[],
    signal: AbortSignal,
  ): Promise<HandleOutcome | undefined> {
    let rest = records;
    /** How many of the rest may go together, since more of them have failed together. */
    let atMost = Number.POSITIVE_INFINITY;
    while (rest.length > 0) {
      if (this.isClosing) return this.hold('the partition is given back', 0);
      const group = rest.slice(0, Math.min(this.groupSize.next, atMost));
      try {
        await this.timed(group, signal);
      } catch (error) {
        if (this.saysNothingOfRecords(error, signal)) throw error;
        const failing = error instanceof RecordFailure ? group.indexOf(error.record) : -1;
        if (failing !== 0 && group.length > 1) {
          atMost = failing > 0 ? failing : Math.ceil(group.length / 2);
          continue;
        }
        const outcome = await this.sentence(group[0], error);
        if (outcome !== undefined) return outcome;
        // Only the record that failed is out of the way.
        group.length = 1;
      }
      this.attempts = 0;
      this.waits = 0;
      atMost = Number.POSITIVE_INFINITY;
      rest = rest.slice(group.length);
    }
    return undefined;
  }

  private async timed(group: readonly LogRecord[], signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    try {
      const final = group.at(-1);
      // Repeats are rare: a group without one goes as it is, and no second array is made of it.
      const isAnyRepeat = group.some((record) => this.position.isRepeat(record));
      const wanted = isAnyRepeat ? group.filter((record) => !this.position.isRepeat(record)) : group;
      if (final === undefined) return;
      await this.position.commit(final, async (tx) => {
        if (wanted.length > 0) await this.options.process(tx, wanted, signal);
      });
      if (wanted.length > 0) this.options.committed?.();
      this.observer.consumed(group.length, final.offset + 1n);
    } finally {
      this.groupSize.took(performance.now() - startedAt, group.length);
    }
  }

  /** Whether an error is about the store or this member, so that trying fewer records would tell nothing. */
  private saysNothingOfRecords(error: unknown, signal: AbortSignal): boolean {
    if (signal.aborted || error instanceof FencedError || error instanceof StopReachedError) return true;
    return this.options.ledger.classify(causeOf(error)) !== 'other';
  }

  /** What becomes of the record at the position, which has failed on its own. Undefined when it is out of the way. */
  private async sentence(record: LogRecord | undefined, thrown: unknown): Promise<HandleOutcome | undefined> {
    if (record === undefined) throw thrown;
    const { judge, setAside } = this.options;
    const error = causeOf(thrown);
    this.attempts += 1;
    const failure = { record, error, attempt: this.attempts };
    const verdict = judge(failure);
    if (verdict.kind === 'hold') {
      this.observer.retried();
      const because = verdict.because === undefined ? '' : ` (${verdict.because})`;
      return this.hold(`try ${this.attempts}: ${wordsOf(error)}${because}`, verdict.delayMs);
    }
    if (verdict.kind === 'halt' || setAside === undefined) {
      const { over, because } = verdict.kind === 'halt' ? verdict : {};
      const reason = `${this.position.where}: ${wordsOf(error)}${because === undefined ? '' : ` (${because})`}`;
      return { kind: 'halt', reason, ...(over === undefined ? {} : { over }) };
    }
    await this.position.commit(record, (tx) => setAside(tx, failure));
    this.observer.consumed(1, record.offset + 1n);
    this.options.afterSetAside?.(failure);
    return undefined;
  }

  private hold(why: string, delayMs: number): HandleOutcome {
    const { where, position: nextOffset } = this.position;
    this.position.giveBack();
    return { kind: 'hold', nextOffset, delayMs, reason: `${where}, ${why}` };
  }
}
