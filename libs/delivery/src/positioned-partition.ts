import { setTimeout as sleep } from 'node:timers/promises';
import { crashPoint } from '@millrace/contracts';
import { findIdentity, formatTopicPartition, partitionFor, RepeatWindow } from '@millrace/event';
import type { LogRecord, TopicPartition } from '@millrace/event';
import { fullJitterMs } from './backoff';
import { FencedError, StopReachedError } from './errors';
import { GroupSize } from './group-size';
import type { HandleOutcome, OpenContext, OpenOutcome, PartitionHandler } from './partition-handler';
import type { Fingerprint, StoredPosition } from './position-ledger';
import type { LogExtent, PositionedPartitionOptions } from './positioned-partition-options';
import {
  checkPartitionCount,
  checkStoredPosition,
  explainAnotherTopic,
  explainLostRecords,
} from './stored-position-check';

const CONFLICT_TRIES = 5;
/** How often a reader that has reached its stop looks whether it was raised. */
const STOP_POLL_MS = 100;

/**
 * One partition whose position lives with its effects. Records run in offset order in group commits, as many
 * together as take about half a second: effects and position commit together, so a committed effect happens once, although
 * the code may run again. When a group fails it is rolled back and run record by record; the record that fails holds the
 * partition, with backoff, and is never passed. This is the seam where parking will take such a record out of the way.
 *
 * A stop in the stored row is a bound that no commit passes: records before it are done, the others wait.
 */
export class PositionedPartition<Transaction> implements PartitionHandler {
  private readonly window: RepeatWindow;
  /** Records before this offset have been judged. One that comes again before its commit must be judged the same. */
  private judgedTo = 0n;
  /** Those of them that are repeats and are not committed yet; hardly ever any. */
  private readonly repeats = new Set<bigint>();
  private epoch = 0n;
  /** Of the topic, when the partition was opened. */
  private partitionCount = 0;
  private position = 0n;
  /** The offset that the fetch goes on with: one below it means that the fetch was set back. */
  private expected = 0n;
  private last: Fingerprint | undefined;
  /** As it was last seen; each commit sees the present one. */
  private stopAt: bigint | undefined;
  private failures = 0;
  private readonly groupSize = new GroupSize();

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
      const problem = await this.problemOf(stored, extent);
      if (problem !== undefined) return { kind: 'halt', reason: `${ledger.reader}: ${problem}` };
      const taken = await ledger.take(this.at, {
        previous: stored?.epoch,
        start: start === 'earliest' ? extent.start : extent.end,
        partitionCount: extent.partitionCount,
      });
      if (taken === undefined) continue;
      crashPoint('epoch-taken');
      this.epoch = taken.epoch;
      this.partitionCount = extent.partitionCount;
      this.position = taken.nextOffset;
      this.last = taken.last;
      this.stopAt = taken.stopAt;
      // The record before the position is always looked at: it tells whether this is still the same topic.
      const windowStart = this.position - maximum(repeatsWithin, 1n);
      this.expected = minimum(maximum(windowStart, extent.start), this.position);
      return { kind: 'open', fetchFrom: this.expected };
    }
  }

  async handle(records: readonly LogRecord[], signal: AbortSignal): Promise<HandleOutcome> {
    try {
      const problem = await this.inspect(records);
      if (problem !== undefined) return { kind: 'halt', reason: `${this.options.ledger.reader}: ${problem}` };
      const fresh = records.filter((record) => record.offset >= this.position);
      if (fresh.length === 0) return { kind: 'done' };
      const allowed = await this.beforeStop(fresh);
      if (allowed.length > 0) {
        await this.options.prepare(allowed);
        await this.commitInGroups(allowed, signal);
      }
      return allowed.length === fresh.length ? { kind: 'done' } : this.waitAtStop(signal);
    } catch (error) {
      if (error instanceof StopReachedError) {
        this.stopAt = error.stopAt;
        return this.waitAtStop(signal);
      }
      return this.outcomeOf(error);
    }
  }

  /** Looks at records before they are handled: whether they follow what was done, and which identities went before. */
  private async inspect(records: readonly LogRecord[]): Promise<string | undefined> {
    const first = records[0];
    if (first === undefined) return undefined;
    const { expected } = this;
    this.expected = (records.at(-1)?.offset ?? first.offset) + 1n;
    // kafkajs goes back to the log's start by itself when the log no longer holds the offset it asks for.
    if (first.offset < expected) {
      const extent = await this.options.readExtent(this.at);
      const { epoch, position: nextOffset } = this;
      const problem = checkStoredPosition(
        this.at,
        { epoch, nextOffset, partitionCount: extent.partitionCount },
        extent,
      );
      if (problem !== undefined) return problem;
    }
    for (const record of records) {
      if (record.offset >= this.position) break;
      const identity = findIdentity(record);
      // The window takes rising offsets only: what it has been shown it does not see again.
      if (identity !== undefined && record.offset >= expected) this.window.observe(identity, record.offset);
      if (record.offset === this.position - 1n && this.isAnotherTopic(record, identity)) {
        return explainAnotherTopic(this.at, this.position);
      }
    }
    const moved = await this.findMovedKey(records);
    if (moved !== undefined) return moved;
    const fresh = records.find((record) => record.offset >= this.position);
    if (fresh === undefined || fresh.offset === this.position) return undefined;
    // Transactions and compaction leave gaps; a log that now starts behind the position has lost records.
    const { start } = await this.options.readExtent(this.at);
    return start > this.position ? explainLostRecords(this.at, this.position, start) : undefined;
  }

  /**
   * A producer hears of added partitions long before this member is assigned anew. The first record of a key that lay in
   * another partition until then is where the order ends, and it tells: its key does not belong here by the count that is
   * known. Whoever else chose the partition, such as a client with another partitioner, is no reason to stand still.
   */
  private async findMovedKey(records: readonly LogRecord[]): Promise<string | undefined> {
    const { partition, topic } = this.at;
    const isStrange = ({ key, offset }: LogRecord) =>
      key !== null && offset >= this.position && partitionFor(key, this.partitionCount) !== partition;
    if (!records.some(isStrange)) return undefined;
    const { partitionCount } = await this.options.readExtent(this.at);
    return checkPartitionCount(topic, this.partitionCount, partitionCount);
  }

  private async problemOf(
    stored: StoredPosition | undefined,
    extent: LogExtent,
  ): Promise<string | undefined> {
    if (stored !== undefined) return checkStoredPosition(this.at, stored, extent);
    const known = await this.options.ledger.knownPartitionCount(this.at.topic);
    return known === undefined ? undefined : checkPartitionCount(this.at.topic, known, extent.partitionCount);
  }

  /** The records that lie before the stop, if there is one; asked for again when the known one is in the way. */
  private async beforeStop(records: readonly LogRecord[]): Promise<readonly LogRecord[]> {
    const last = records.at(-1);
    if (this.stopAt === undefined || last === undefined || last.offset < this.stopAt) return records;
    const stopAt = (await this.options.ledger.read(this.at))?.stopAt;
    this.stopAt = stopAt;
    return stopAt === undefined ? records : records.filter(({ offset }) => offset < stopAt);
  }

  private waitAtStop(signal: AbortSignal): HandleOutcome {
    // The records from the position on come again.
    this.expected = this.position;
    const reason = `${this.options.ledger.reader} goes no further than offset ${this.stopAt} for now`;
    return { kind: 'wait', nextOffset: this.position, over: this.stopRaised(signal), reason };
  }

  /** Asks the store instead of the log, where the same records would be fetched again each time. Never rejects. */
  private async stopRaised(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.stopAt !== undefined && this.stopAt <= this.position) {
      await sleep(STOP_POLL_MS, undefined, { signal }).catch(() => undefined);
      // While the store is away nothing can go on: asked again.
      const stored = await this.options.ledger.read(this.at).catch(() => ({ stopAt: this.stopAt }));
      this.stopAt = stored?.stopAt;
    }
  }

  private async commitInGroups(records: readonly LogRecord[], signal: AbortSignal): Promise<void> {
    for (let from = 0; from < records.length;) {
      const group = records.slice(from, from + this.groupSize.next);
      const startedAt = performance.now();
      try {
        await this.commitGroup(group, signal);
      } finally {
        this.groupSize.took(performance.now() - startedAt, group.length);
      }
      this.failures = 0;
      from += group.length;
    }
  }

  private async commitGroup(records: readonly LogRecord[], signal: AbortSignal): Promise<void> {
    try {
      await this.commit(records, signal);
    } catch (error) {
      const alone = records.length === 1 || error instanceof FencedError || signal.aborted;
      if (alone || error instanceof StopReachedError || this.options.ledger.classify(error) === 'unavailable')
        throw error;
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
    const identity = findIdentity(final);
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
    for (const offset of this.repeats) if (offset < advance.to) this.repeats.delete(offset);
  }

  private isRepeat(record: LogRecord): boolean {
    if (record.offset < this.judgedTo) return this.repeats.has(record.offset);
    this.judgedTo = record.offset + 1n;
    const identity = findIdentity(record);
    const repeat = identity !== undefined && this.window.observe(identity, record.offset);
    if (repeat) this.repeats.add(record.offset);
    return repeat;
  }

  private outcomeOf(error: unknown): HandleOutcome {
    const { ledger, backoff, isTransient } = this.options;
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof FencedError) return { kind: 'fenced', reason };
    const where = `${ledger.reader} at ${formatTopicPartition(this.at)}/${this.position}`;
    if (ledger.classify(error) === 'other' && !isTransient(error)) {
      return { kind: 'halt', reason: `${where}: ${reason}` };
    }
    this.expected = this.position;
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
}

function minimum(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function maximum(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
