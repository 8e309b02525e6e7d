import { crashPoint } from '@millrace/contracts';
import { findIdentity, formatTopicPartition, partitionFor } from '@millrace/event';
import type { LogRecord, TopicPartition } from '@millrace/event';
import { causeOf } from './effect-failure';
import type { HandleOutcome, OpenContext, OpenOutcome } from './partition-handler';
import type { CopyCheck } from './position-copy';
import type { Fingerprint, PositionLedger, StoredPosition } from './position-ledger';
import { PositionStop } from './position-stop';
import { RepeatJudgement } from './repeat-judgement';
import {
  checkPartitionCount,
  checkStoredPosition,
  explainAnotherTopic,
  explainLostRecords,
} from './stored-position-check';

/** The log of one partition: offsets from `start` up to, and without, `end`. */
export interface LogExtent {
  readonly start: bigint;
  readonly end: bigint;
  readonly partitionCount: number;
}

export interface PartitionPositionOptions<Transaction> {
  readonly ledger: PositionLedger<Transaction>;
  /** For a reader that must notice when somebody moves its committed offset in Kafka. Default: nobody looks at it. */
  readonly copies?: CopyCheck;
  /** What the log holds now. */
  readonly readExtent: (at: TopicPartition) => Promise<LogExtent>;
  /** Where a reader without a stored position begins. */
  readonly start: 'earliest' | 'latest' | { readonly timeMs: number };
  /** The first offset whose record is at or after a time, or the log's end. Needed for a start by time. */
  readonly offsetAt?: (at: TopicPartition, timeMs: number) => Promise<bigint>;
  /** A record whose identity lies at most so many offsets before it is a repeat, and skipped. */
  readonly repeatsWithin: bigint;
}

const CONFLICT_TRIES = 5;

/**
 * Where one reader stands in one partition, from its assignment to its loss: it takes the epoch, looks at records before they
 * are handled (whether they follow what was done, which of them are repeats), and moves the position together with effects.
 * Records below `taken` were given to the handler; those below `position` are done and committed.
 *
 * A stop in the stored row is a bound that no commit passes: records before it are done, the others wait.
 */
export class PartitionPosition<Transaction> {
  private repeats: RepeatJudgement;
  /** Of the topic, when the partition was opened. */
  private partitionCount = 0;
  /** The offset that the fetch goes on with: one below it means that the fetch was set back. */
  private expected = 0n;
  private last: Fingerprint | undefined;
  private readonly stop: PositionStop<Transaction>;
  private committed = 0n;
  private takenTo = 0n;
  private ownEpoch = 0n;

  constructor(
    readonly at: TopicPartition,
    private readonly options: PartitionPositionOptions<Transaction>,
  ) {
    this.repeats = new RepeatJudgement(options.repeatsWithin);
    this.stop = new PositionStop(at, options.ledger);
  }

  /** The first offset that is not done. */
  get position(): bigint {
    return this.committed;
  }

  /** The first offset that was not given to the handler. */
  get taken(): bigint {
    return this.takenTo;
  }

  /** Rises with every owner of the partition. */
  get epoch(): bigint {
    return this.ownEpoch;
  }

  get reader(): string {
    return this.options.ledger.reader;
  }

  /**
   * Takes the partition's epoch. The walk that makes it safe: a member reads epoch e, then has a heartbeat
   * accepted, then raises e to e+1 by compare-and-set. If a later generation gave the partition to another
   * member, and that one took it before our read, our heartbeat would have been refused; if it took it after
   * our read, e has changed and the compare fails. So only a member of the present generation can take it,
   * however long it was suspended between any two of these steps.
   */
  async open(context: OpenContext): Promise<OpenOutcome> {
    const { ledger, readExtent, repeatsWithin } = this.options;
    for (;;) {
      const stored = await ledger.read(this.at);
      await context.confirmMembership();
      // Before the log is checked: where the position has left the log, adopting a move is a way on.
      const copy = await this.options.copies?.check(this.at, context.signal);
      if (copy?.kind === 'moved') {
        return { kind: 'halt', reason: `${ledger.reader}: ${copy.reason}`, over: copy.over };
      }
      const extent = await readExtent(this.at);
      const problem = await this.problemOf(stored, extent);
      if (problem !== undefined) return { kind: 'halt', reason: `${ledger.reader}: ${problem}` };
      const taken = await ledger.take(this.at, {
        previous: stored?.epoch,
        start: stored?.nextOffset ?? (await this.startIn(extent)),
        partitionCount: extent.partitionCount,
        ...(copy?.found === undefined ? {} : { foundCopy: copy.found }),
      });
      if (taken === undefined) continue;
      crashPoint('epoch-taken');
      this.ownEpoch = taken.epoch;
      this.partitionCount = extent.partitionCount;
      this.committed = taken.nextOffset;
      this.takenTo = taken.nextOffset;
      this.last = taken.last;
      this.stop.note(taken.stopAt);
      // Opened again after a halt, it is shown anew what was seen before, and offsets must rise.
      this.repeats = new RepeatJudgement(repeatsWithin);
      // The record before the position is always looked at: it tells whether this is still the same topic.
      const windowStart = this.committed - maximum(repeatsWithin, 1n);
      this.expected = minimum(maximum(windowStart, extent.start), this.committed);
      return { kind: 'open', fetchFrom: this.expected, nextOffset: this.committed };
    }
  }

  /** Kafka has acknowledged a copy of the position. */
  async noteCopy(offset: bigint): Promise<void> {
    await this.options.copies?.noteCopy(this.at, { epoch: this.ownEpoch, offset });
  }

  /** Looks at records before they are handled: whether they follow what was taken, and which identities went before. */
  async inspect(records: readonly LogRecord[]): Promise<string | undefined> {
    const first = records[0];
    if (first === undefined) return undefined;
    const { expected } = this;
    this.expected = (records.at(-1)?.offset ?? first.offset) + 1n;
    // kafkajs goes back to the log's start by itself when the log no longer holds the offset it asks for.
    if (first.offset < expected) {
      const extent = await this.options.readExtent(this.at);
      const { ownEpoch: epoch, takenTo: nextOffset } = this;
      const problem = checkStoredPosition(
        this.at,
        { epoch, nextOffset, partitionCount: extent.partitionCount },
        extent,
      );
      if (problem !== undefined) return problem;
    }
    for (const record of records) {
      if (record.offset >= this.takenTo) break;
      // The window takes rising offsets only: what it has been shown it does not see again.
      if (record.offset >= expected) this.repeats.observe(record);
      if (record.offset === this.committed - 1n && this.isAnotherTopic(record, findIdentity(record))) {
        return explainAnotherTopic(this.at, this.committed);
      }
    }
    const moved = await this.findMovedKey(records);
    if (moved !== undefined) return moved;
    const fresh = records.find((record) => record.offset >= this.takenTo);
    if (fresh === undefined || fresh.offset === this.takenTo) return undefined;
    // Transactions and compaction leave gaps; a log that now starts behind the position has lost records.
    const { start } = await this.options.readExtent(this.at);
    return start > this.takenTo ? explainLostRecords(this.at, this.takenTo, start) : undefined;
  }

  /** Of inspected records, those that nobody has taken yet and that lie before the stop, if there is one. */
  allowed(records: readonly LogRecord[]): Promise<readonly LogRecord[]> {
    const first = records[0];
    const fresh =
      first !== undefined && first.offset >= this.takenTo
        ? records
        : records.filter(({ offset }) => offset >= this.takenTo);
    return this.stop.before(fresh);
  }

  /** Whether a taken record repeats an earlier one by identity; the same answer for it until its commit. */
  isRepeat(record: LogRecord): boolean {
    return this.repeats.isRepeat(record);
  }

  /** Notes that the handler has everything up to, and with, this record. */
  take(record: LogRecord): void {
    this.takenTo = record.offset + 1n;
  }

  /** The records that are not taken come again from the log. */
  giveBack(): void {
    this.expected = this.takenTo;
  }

  /**
   * Runs the effects and moves the position behind `final` in one transaction. A conflict is tried again at once.
   * @throws FencedError, StopReachedError, or what the effects or the store threw: nothing is written then.
   */
  async commit(final: LogRecord, effects: (tx: Transaction) => Promise<void>): Promise<void> {
    const identity = findIdentity(final);
    const last = identity === undefined ? undefined : { timestampMs: final.timestampMs, identity };
    const to = final.offset + 1n;
    const advance = {
      ...{ epoch: this.ownEpoch, from: this.committed, to },
      ...(last === undefined ? {} : { last }),
    };
    for (let attempt = 1; ; attempt++) {
      try {
        await this.options.ledger.commit(this.at, advance, effects);
        break;
      } catch (error) {
        if (this.options.ledger.classify(causeOf(error)) !== 'conflict' || attempt === CONFLICT_TRIES)
          throw error;
      }
    }
    this.committed = to;
    if (this.takenTo < to) this.takenTo = to;
    this.last = last;
    this.repeats.forgetBefore(to);
  }

  /** What the handler answers when it has taken what is allowed of these records, and nothing else is in the way. */
  answerFor(records: readonly LogRecord[], signal: AbortSignal): HandleOutcome {
    const last = records.at(-1);
    return last === undefined || last.offset < this.takenTo ? { kind: 'done' } : this.waitAtStop(signal);
  }

  /** What the handler answers when the stop is in the way; `stopAt` where a commit was just refused for it. */
  waitAtStop(signal: AbortSignal, stopAt?: bigint): HandleOutcome {
    if (stopAt !== undefined) this.stop.note(stopAt);
    this.giveBack();
    const { takenTo: nextOffset, stop } = this;
    const reason = `${this.reader} goes no further than offset ${stop.offset} for now`;
    return { kind: 'wait', nextOffset, over: stop.raisedAbove(nextOffset, signal), reason };
  }

  /** Names the reader and the place of the first record that is not done. */
  get where(): string {
    return `${this.reader} at ${formatTopicPartition(this.at)}/${this.committed}`;
  }

  /**
   * A producer hears of added partitions long before this member is assigned anew. The first record of a key that lay in
   * another partition until then is where the order ends, and it tells: its key does not belong here by the count that is
   * known. Whoever else chose the partition, such as a client with another partitioner, is no reason to stand still.
   */
  private async findMovedKey(records: readonly LogRecord[]): Promise<string | undefined> {
    const { partition, topic } = this.at;
    const isStrange = (record: LogRecord) => {
      const key = record.keyBytes();
      if (key === null || partitionFor(key.bytes, this.partitionCount, key.from, key.to) === partition)
        return false;
      return record.offset >= this.takenTo;
    };
    if (!records.some(isStrange)) return undefined;
    const { partitionCount } = await this.options.readExtent(this.at);
    return checkPartitionCount(topic, this.partitionCount, partitionCount);
  }

  private async startIn({ start: first, end }: LogExtent): Promise<bigint> {
    const { start, offsetAt } = this.options;
    if (start === 'earliest') return first;
    if (start === 'latest' || offsetAt === undefined) return end;
    return offsetAt(this.at, start.timeMs);
  }

  private async problemOf(
    stored: StoredPosition | undefined,
    extent: LogExtent,
  ): Promise<string | undefined> {
    if (stored !== undefined) return checkStoredPosition(this.at, stored, extent);
    const known = await this.options.ledger.knownPartitionCount(this.at.topic);
    return known === undefined ? undefined : checkPartitionCount(this.at.topic, known, extent.partitionCount);
  }

  private isAnotherTopic(record: LogRecord, identity: string | undefined): boolean {
    if (this.last === undefined) return false;
    return record.timestampMs !== this.last.timestampMs || identity !== this.last.identity;
  }
}

function minimum(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function maximum(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
