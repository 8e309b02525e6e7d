import { setTimeout as sleep } from 'node:timers/promises';
import type { LogRecord, TopicPartition } from '@millrace/event';
import { fullJitterMs } from '../backoff';
import { wordsOf } from '../effect-failure';
import { FencedError } from '../errors';
import { partsOf, positionOptionsOf, queuesOf, SERVERS_BACKOFF } from '../group-partition-parts';
import type { GroupPartitionParts, GroupPartitionPartsOptions } from '../group-partition-parts';
import type { DependencyBreaker } from '../lanes/dependency-breaker';
import { Lanes } from '../lanes/lanes';
import { Watermark } from '../lanes/watermark';
import type { DrainLoop } from '../parking/drain-loop';
import { isPermanent } from '../parking/group-judge';
import { fenceOf } from '../parking/parking-lot';
import type { HandleOutcome, OpenContext, OpenOutcome, PartitionHandler } from '../partition-handler';
import { PartitionPosition } from '../partition-position';
import { Asides } from './asides';
import { ExternalCall } from './external-call';
import type { Call } from './external-call';
import { ExternalDrain } from './external-drain';
import { UncommittedRecords } from './uncommitted-records';

export interface ExternalPartitionOptions<Transaction> extends GroupPartitionPartsOptions<Transaction> {
  /** Of the group's dependency, shared with whoever else in this process calls it. */
  readonly breaker: DependencyBreaker;
  readonly call: Call;
}

/** Records that wait or run, of one partition. */
const CAPACITY = 1_000;
/** Records from the position on: what a crash would do again, at most. One that does not end lets no more be taken then. */
const AHEAD = 5_000;
/** The same in bytes of their values. */
const AHEAD_BYTES = 32 * 1024 * 1024;
/** How often the position follows, and a record looks for room in the queue of its key. */
const FOLLOW_MS = 250;
/** How often it looks for room while its lanes are full of records that fail and may not be parked. */
const REFUSED_MS = 1_000;

/**
 * One partition of a group whose handlers call the outside. Records are spread over lanes by key: one after another within a
 * key, different keys at once. The position follows the first record that is not done. So a call is made at least once, and
 * made again after a crash for at most the records from the position on.
 *
 * A record that its handler cannot take goes through the ladder of failure in its lane, while the other lanes go on. Once it is
 * parked its key is fenced at once, in memory; the parking itself is written in the transaction that moves the position past it.
 */
export class ExternalPartition<Transaction> implements PartitionHandler {
  private readonly position: PartitionPosition<Transaction>;
  private readonly parts: GroupPartitionParts<Transaction>;
  private readonly asides: Asides<Transaction>;
  private readonly call: ExternalCall;
  private readonly lanes: Lanes<LogRecord>;
  readonly queues: DrainLoop;
  private watermark = new Watermark(0n);
  /** The last one of them that is done is what the position remembers. */
  private readonly uncommitted = new UncommittedRecords();
  private following = Promise.resolve();
  /** Draining and following. */
  private beside: Promise<unknown> | undefined;
  private fenced: HandleOutcome | undefined;
  /** Records that should be out of the way and may not be, and why. */
  private readonly refused = new Map<bigint, string>();
  private finished = 0;
  /** In a row, for the store or for what the records need. */
  private waits = 0;

  constructor(
    at: TopicPartition,
    private readonly options: ExternalPartitionOptions<Transaction>,
  ) {
    const { group } = options;
    this.position = new PartitionPosition(at, positionOptionsOf(options));
    this.parts = partsOf(at, options, () => this.position.epoch);
    this.asides = new Asides(this.parts);
    this.call = new ExternalCall(group, options.breaker, options.call);
    this.lanes = new Lanes<LogRecord>({
      concurrency: group.calls.concurrency,
      capacity: Math.max(CAPACITY, group.calls.concurrency),
      run: (record, signal) => this.settle(record, signal),
    });
    const drain = new ExternalDrain<Transaction>({ ...this.parts, call: this.call });
    this.queues = queuesOf(this.parts, drain, options.deadLetters);
  }

  async open(context: OpenContext): Promise<OpenOutcome> {
    const outcome = await this.position.open(context);
    if (outcome.kind !== 'open') return outcome;
    this.watermark = new Watermark(this.position.position);
    await this.parts.fences.load();
    this.beside = Promise.all([this.queues.run(context.signal), this.followUntil(context.signal)]);
    return outcome;
  }

  /** Takes as many records as there is room for. What it has taken is done some time later. */
  async handle(records: readonly LogRecord[], signal: AbortSignal): Promise<HandleOutcome> {
    const { position } = this;
    if (this.fenced !== undefined) return this.fenced;
    try {
      const problem = await position.inspect(records);
      if (problem !== undefined) return { kind: 'halt', reason: `${position.reader}: ${problem}` };
      const allowed = await position.allowed(records);
      if (allowed.length > 0) {
        this.parts.observer.received(allowed);
        await this.parts.prepare(allowed);
      }
      for (const record of allowed) {
        if (!this.hasRoom) return this.waitForRoom(signal);
        this.take(record);
      }
      this.waits = 0;
      return position.answerFor(records, signal);
    } catch (error) {
      position.giveBack();
      this.waits += 1;
      const { where, taken: nextOffset } = position;
      const reason = `${where}, wait ${this.waits}: ${wordsOf(error)}`;
      return { kind: 'hold', nextOffset, delayMs: fullJitterMs(this.waits, SERVERS_BACKOFF), reason };
    }
  }

  /** Calls that are under way get `graceMs` to end. What has ended by then is committed. Never rejects. */
  async close(graceMs: number, reason: Error): Promise<void> {
    await this.lanes.stop(graceMs, reason);
    await this.beside;
    await this.follow();
  }

  copied(nextOffset: bigint): Promise<void> {
    return this.position.noteCopy(nextOffset);
  }

  /** Rises with every owner of the partition. */
  get epoch(): bigint {
    return this.position.epoch;
  }

  /** The first offset that is not done. */
  get nextOffset(): bigint {
    return this.position.position;
  }

  /** While the position waits for its own commit, what is done behind it counts for nothing. */
  get progress(): string {
    const { position } = this.position;
    return this.watermark.position > position ? `${position}` : `${position}+${this.finished}`;
  }

  get standing(): PartitionHandler['standing'] {
    const { breaker } = this.options;
    const { where } = this.position;
    const [refusal] = this.refused.values();
    if (refusal !== undefined) return { state: 'held', reason: `${where}: ${refusal}` };
    if (breaker.state === 'closed' || this.watermark.ahead === 0) return undefined;
    return {
      state: 'waiting',
      reason: `${where}: ${breaker.dependency} does not answer: ${breaker.lastError}`,
    };
  }

  /** Moves the position behind what is done. Never rejects. */
  follow(): Promise<void> {
    this.following = this.following.then(() => this.commitDone());
    return this.following;
  }

  private take(record: LogRecord): void {
    const { position, watermark } = this;
    const isRepeat = position.isRepeat(record);
    position.take(record);
    watermark.begin(record.offset);
    this.uncommitted.add(record);
    if (isRepeat) this.finish(record);
    else this.lanes.offer(record, record.key === null ? undefined : fenceOf(record));
  }

  private get hasRoom(): boolean {
    return this.lanes.hasRoom && this.hasRoomAhead;
  }

  private get hasRoomAhead(): boolean {
    return this.watermark.ahead < AHEAD && this.uncommitted.bytes < AHEAD_BYTES;
  }

  private waitForRoom(signal: AbortSignal): HandleOutcome {
    this.position.giveBack();
    const { where, taken: nextOffset } = this.position;
    const refusal = this.parts.fences.refusal();
    if (refusal !== undefined)
      return { kind: 'hold', nextOffset, delayMs: REFUSED_MS, reason: `${where}: ${refusal}` };
    const bound = `${where}: ${this.watermark.ahead} records are under way, which is the bound`;
    const reason = this.standing?.reason ?? bound;
    return { kind: 'wait', nextOffset, over: this.roomMade(signal), reason };
  }

  /** Over as well when nothing more may be parked: the lanes may stay full then, and the next `handle` says why. */
  private async roomMade(signal: AbortSignal): Promise<void> {
    const isOver = (): boolean =>
      (this.lanes.inside <= this.lanes.capacity / 2 && this.hasRoomAhead) ||
      this.parts.fences.refusal() !== undefined;
    while (!signal.aborted && !isOver()) await sleep(10, undefined, { signal }).catch(() => undefined);
  }

  /** What a lane does with a record. Leaves it unfinished when it is aborted: whoever owns the partition next does it. */
  private async settle(record: LogRecord, signal: AbortSignal): Promise<void> {
    try {
      if (await this.isStopped(record, signal)) this.asides.queue(record);
      else await this.climb(record, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return;
    } finally {
      this.refused.delete(record.offset);
    }
    this.finish(record);
  }

  private finish(record: LogRecord): void {
    this.watermark.finish(record.offset);
    this.finished += 1;
  }

  /** Whether it goes behind a fence; it waits while no more may stand there. @throws the signal's reason when it is aborted */
  private async isStopped(record: LogRecord, signal: AbortSignal): Promise<boolean> {
    const { fences } = this.parts;
    while (fences.stopsKey(record)) {
      if (!fences.isFull) return true;
      this.refused.set(record.offset, fences.refusal() ?? 'the queue of its key is full');
      await sleep(FOLLOW_MS, undefined, { signal });
    }
    return false;
  }

  /** The ladder of failure, in a lane. @throws the signal's reason when it is aborted */
  private async climb(record: LogRecord, signal: AbortSignal): Promise<void> {
    const { at, group, fences, log, observer } = this.parts;
    const { retry, parking } = group;
    for (let attempt = 1; ; attempt++) {
      const failure = await this.call.tryOnce(record, { attempt, signal });
      if (failure === undefined) return;
      const { error } = failure;
      const isOver = attempt >= retry.attempts || isPermanent(error);
      const refusal = isOver ? fences.refusal() : undefined;
      if (isOver && refusal === undefined) return this.asides.setAside({ record, error, attempt });
      if (refusal !== undefined) {
        this.refused.set(record.offset, refusal);
        log.warn({ ...at, reason: refusal }, 'nothing more is parked');
      }
      observer.retried();
      await sleep(fullJitterMs(attempt - 1, isOver ? parking : retry), undefined, { signal });
    }
  }

  private async followUntil(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(FOLLOW_MS, undefined, { signal }).catch(() => undefined);
      await this.follow();
    }
  }

  private async commitDone(): Promise<void> {
    const { at, log, observer } = this.parts;
    const to = this.watermark.position;
    if (to <= this.position.position || this.fenced !== undefined) return;
    const done = this.uncommitted.below(to);
    const final = done.at(-1);
    if (final === undefined) return;
    try {
      await this.position.commit(final, (tx) => this.asides.write(tx, to));
    } catch (error) {
      if (error instanceof FencedError) {
        this.fenced = { kind: 'fenced', reason: error.message };
        void this.lanes.stop(0, error);
      } else log.debug({ ...at, error: wordsOf(error) }, 'the position cannot follow yet');
      return;
    }
    this.uncommitted.remove(done);
    this.asides.written(to);
    observer.consumed(done.length, this.position.position);
  }
}
