import { formatTopicPartition, readIdentity, RepeatWindow } from '@millrace/event';
import type { LogRecord, TopicPartition } from '@millrace/event';
import type { Backoff } from './backoff';
import { fullJitterMs } from './backoff';
import { FencedError } from './errors';
import type { HandleOutcome, OpenContext, OpenOutcome, PartitionHandler } from './partition-handler';
import type { Fingerprint, PositionLedger } from './position-ledger';
import { checkStoredPosition } from './stored-position-check';

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

const CONFLICT_TRIES = 5;

/**
 * One partition whose position lives with its effects. Records run in offset order in group commits: effects and
 * position commit together, so a committed effect happens once, although the code may run again. When a group
 * fails it is rolled back and run record by record; the record that fails holds the partition, with backoff, and
 * is never passed. This is the seam where parking will take such a record out of the way.
 */
export class PositionedPartition<Transaction> implements PartitionHandler {
  private readonly window: RepeatWindow;
  /** Repeat decisions of records that are not committed yet: a record that comes again must be judged the same. */
  private readonly decided = new Map<bigint, boolean>();
  private epoch = 0n;
  private position = 0n;
  private last: Fingerprint | undefined;
  private failures = 0;

  constructor(
    private readonly at: TopicPartition,
    private readonly options: PositionedPartitionOptions<Transaction>,
  ) {
    this.window = new RepeatWindow(options.repeatsWithin);
  }

  /**
   * Takes the partition's epoch. The walk that makes it safe: a member reads epoch e, then has a heartbeat
   * accepted, then raises e to e+1 by compare-and-set. If a later generation gave the partition to another
   * member, and that one took it before our read, our heartbeat would have been refused; if it took it after
   * our read, e has changed and the compare fails. So only a member of the present generation can take it,
   * however long it was suspended between any two of these steps.
   */
  async open(context: OpenContext): Promise<OpenOutcome> {
    const { ledger, readExtent, start, repeatsWithin } = this.options;
    for (;;) {
      const stored = await ledger.read(this.at);
      await context.confirmMembership();
      const extent = await readExtent(this.at);
      const problem = stored === undefined ? undefined : checkStoredPosition(this.at, stored, extent);
      if (problem !== undefined) return { kind: 'halt', reason: `${ledger.reader}: ${problem}` };
      const position = stored?.nextOffset ?? (start === 'earliest' ? extent.start : extent.end);
      const epoch = await ledger.take(this.at, {
        previous: stored?.epoch,
        start: position,
        partitionCount: extent.partitionCount,
      });
      if (epoch === undefined) continue;
      this.epoch = epoch;
      this.position = position;
      this.last = stored?.last;
      const windowStart = position > repeatsWithin ? position - repeatsWithin : 0n;
      return {
        kind: 'open',
        fetchFrom: windowStart > extent.start ? windowStart : minimum(extent.start, position),
      };
    }
  }

  async handle(records: readonly LogRecord[], signal: AbortSignal): Promise<HandleOutcome> {
    const fresh = records.filter((record) => record.offset >= this.position);
    for (const record of records) {
      if (record.offset >= this.position) break;
      const identity = this.remember(record);
      if (record.offset === this.position - 1n && this.isAnotherTopic(record, identity)) {
        return { kind: 'halt', reason: this.explainAnotherTopic() };
      }
    }
    const first = fresh[0];
    if (first === undefined) return { kind: 'done' };
    try {
      if (first.offset > this.position) {
        const { start } = await this.options.readExtent(this.at);
        if (start > this.position) return { kind: 'halt', reason: this.explainLostRecords(start) };
      }
      await this.options.prepare(fresh);
      await this.commitAll(fresh, signal);
      this.failures = 0;
      return { kind: 'done' };
    } catch (error) {
      return this.outcomeOf(error);
    }
  }

  private async commitAll(records: readonly LogRecord[], signal: AbortSignal): Promise<void> {
    try {
      await this.commit(records, signal);
    } catch (error) {
      const alone = records.length === 1 || error instanceof FencedError || signal.aborted;
      if (alone || this.options.ledger.classify(error) === 'unavailable') throw error;
      for (const record of records) {
        await this.commit([record], signal);
        this.failures = 0;
      }
    }
  }

  private async commit(records: readonly LogRecord[], signal: AbortSignal): Promise<void> {
    const final = records.at(-1);
    if (final === undefined) return;
    const wanted = records.filter((record) => !this.isRepeat(record));
    const identity = identityOf(final);
    const last = identity === undefined ? undefined : { timestampMs: final.timestampMs, identity };
    const advance = {
      epoch: this.epoch,
      from: this.position,
      to: final.offset + 1n,
      ...(last === undefined ? {} : { last }),
    };
    for (let attempt = 1; ; attempt++) {
      try {
        await this.options.ledger.commit(this.at, advance, async (tx) => {
          if (wanted.length > 0) await this.options.process(tx, wanted, signal);
        });
        break;
      } catch (error) {
        if (this.options.ledger.classify(error) !== 'conflict' || attempt === CONFLICT_TRIES) throw error;
      }
    }
    this.position = advance.to;
    this.last = last;
    for (const record of records) this.decided.delete(record.offset);
  }

  private isRepeat(record: LogRecord): boolean {
    const known = this.decided.get(record.offset);
    if (known !== undefined) return known;
    const identity = identityOf(record);
    const repeat = identity !== undefined && this.window.observe(identity, record.offset);
    this.decided.set(record.offset, repeat);
    return repeat;
  }

  private remember(record: LogRecord): string | undefined {
    const identity = identityOf(record);
    if (identity !== undefined) this.window.observe(identity, record.offset);
    return identity;
  }

  private outcomeOf(error: unknown): HandleOutcome {
    const { ledger, backoff, isTransient } = this.options;
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof FencedError) return { kind: 'fenced', reason };
    const where = `${ledger.reader} at ${formatTopicPartition(this.at)}/${this.position}`;
    if (ledger.classify(error) === 'other' && !isTransient(error)) {
      return { kind: 'halt', reason: `${where}: ${reason}` };
    }
    const delayMs = fullJitterMs(this.failures, backoff);
    this.failures += 1;
    return {
      kind: 'hold',
      nextOffset: this.position,
      delayMs,
      reason: `${where}, try ${this.failures}: ${reason}`,
    };
  }

  private isAnotherTopic(record: LogRecord, identity: string | undefined): boolean {
    if (this.last === undefined) return false;
    return record.timestampMs !== this.last.timestampMs || identity !== this.last.identity;
  }

  private explainAnotherTopic(): string {
    return (
      `${this.options.ledger.reader}: the record before offset ${this.position} of ${formatTopicPartition(this.at)} is ` +
      'not the one that was last done: the topic was deleted and made again, or this is another cluster. ' +
      'Bring the old topic back, or reset the reader on purpose.'
    );
  }

  private explainLostRecords(logStart: bigint): string {
    return (
      `${this.options.ledger.reader}: offset ${this.position} of ${formatTopicPartition(this.at)} is gone, the log now ` +
      `starts at ${logStart}: retention was shorter than the lag. Reset the reader on purpose to go on without them.`
    );
  }
}

function identityOf(record: LogRecord): string | undefined {
  try {
    return readIdentity(record);
  } catch {
    // A record that is no event has no identity to compare; what it lacks is reported when it is processed.
    return undefined;
  }
}

function minimum(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
