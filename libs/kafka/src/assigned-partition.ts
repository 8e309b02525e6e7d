import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@millrace/contracts';
import type { Halt, HandleOutcome, PartitionHandler } from '@millrace/delivery';
import type { LogRecord, TopicPartition } from '@millrace/event';
import { MembershipLostError } from './errors';
import type { FetchControl } from './fetch-control';

export type PartitionState = 'opening' | 'running' | 'waiting' | 'held' | 'halted' | 'closed';

/** One partition as its reader sees it now. */
export interface PartitionStatus extends TopicPartition {
  readonly state: PartitionState;
  /** Why it is not running. */
  readonly reason?: string;
  /** The offset after the last record done, once known. */
  readonly nextOffset?: bigint;
  /** Absent where the position may stay as long as it likes: the state and its reason say why. */
  readonly expected?: ExpectedMove;
}

/** What is to be expected of a partition as long as the log goes on. */
export interface ExpectedMove {
  /** Whatever lies before it is done, or is no record; unknown until the partition is open. */
  readonly from?: bigint;
  /** Changes with whatever is done; unknown until the partition is open. */
  readonly progress?: string;
  /** What it may be, as far as this member knows, if nothing is done. */
  readonly otherwise: string;
}

interface Confirmation {
  readonly askedAtMs: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const OPEN_RETRY_MS = 1_000;

/**
 * One assignment of one partition: opens its handler while the fetch is paused, feeds it, and holds or halts the
 * fetch as the handler says. It ends with `close` and is never opened again after that.
 */
export class AssignedPartition {
  /** Aborted when the assignment ends: nothing new begins. */
  private readonly over = new AbortController();
  /** Aborted when what is under way has had its time to end. */
  private readonly work = new AbortController();
  private handling: Promise<unknown> = Promise.resolve();
  private confirmations: Confirmation[] = [];
  private state: PartitionState = 'opening';
  private reason: string | undefined;
  /** Held or waiting when last tried, and nothing done since. */
  private standing: 'waiting' | 'held' | undefined;
  private nextOffset: bigint | undefined;
  /** The log has no record from `nextOffset` up to this: markers of transactions are none. */
  private emptyTo: bigint | undefined;
  private isHandling = false;
  private holdTimer: NodeJS.Timeout | undefined;

  constructor(
    readonly at: TopicPartition,
    private readonly handler: PartitionHandler,
    private readonly fetch: FetchControl,
    private readonly log: Logger,
  ) {}

  get status(): PartitionStatus {
    const isGoing = this.state === 'running' || this.state === 'waiting';
    // A try of a held record is no end of the hold: it is over when something has been done.
    const state = this.state === 'running' ? (this.standing ?? 'running') : this.state;
    const { state: shown, reason } = (isGoing ? this.handler.standing : undefined) ?? {
      state,
      reason: this.reason,
    };
    const { nextOffset, expected } = this;
    return {
      ...{ ...this.at, state: shown },
      ...(reason === undefined ? {} : { reason }),
      ...(nextOffset === undefined ? {} : { nextOffset: this.handler.nextOffset ?? nextOffset }),
      ...(expected === undefined ? {} : { expected }),
    };
  }

  /** Opens the handler once `before` has ended, again and again while it throws, and starts the fetch where it says. */
  async open(before?: Promise<void>): Promise<void> {
    this.fetch.pause(this.at);
    await before;
    while (!this.isOver()) {
      try {
        const outcome = await this.handler.open({
          confirmMembership: () => this.confirmMembership(),
          signal: this.over.signal,
        });
        if (this.isOver()) return;
        if (outcome.kind === 'halt') return this.halt(outcome);
        this.nextOffset = outcome.nextOffset ?? this.nextOffset;
        this.fetch.seek(this.at, outcome.fetchFrom);
        this.reason = undefined;
        this.standing = undefined;
        return this.run();
      } catch (error) {
        if (this.isOver()) return;
        this.reason = error instanceof Error ? error.message : String(error);
        this.log.warn({ ...this.at, error: this.reason }, 'partition cannot be opened yet, trying again');
        await sleep(OPEN_RETRY_MS, undefined, { signal: this.over.signal }).catch(() => undefined);
      }
    }
  }

  /**
   * A heartbeat of this member that was sent then was accepted: it held the partition in the present generation.
   * One that was on its way when it was asked for says nothing about the time since.
   */
  confirmed(heartbeatSentAtMs: number): void {
    const answered = this.confirmations.filter(({ askedAtMs }) => askedAtMs < heartbeatSentAtMs);
    this.confirmations = this.confirmations.filter((each) => !answered.includes(each));
    for (const { resolve } of answered) resolve();
  }

  /** Records that arrive while the partition is not running were fetched before it was paused; they come again. */
  get accepts(): boolean {
    return this.state === 'running';
  }

  /** Whether the assignment has ended. A method, because it may change over any await. */
  isOver(): boolean {
    return this.over.signal.aborted;
  }

  /** The log has no record from the last one that was handled up to this offset. */
  passed(offset: bigint): void {
    this.emptyTo = offset;
  }

  async handle(records: readonly LogRecord[]): Promise<HandleOutcome> {
    const handled = this.handler.handle(records, this.work.signal);
    this.handling = handled;
    this.isHandling = true;
    const outcome = await handled.finally(() => (this.isHandling = false));
    const last = records.at(-1);
    if (outcome.kind === 'done' && last !== undefined) {
      // Records before the position come first, for their identities: they set nothing back.
      const next = last.offset + 1n;
      if (this.nextOffset === undefined || next > this.nextOffset) this.nextOffset = next;
      this.reason = undefined;
      this.standing = undefined;
    }
    if (outcome.kind === 'hold') {
      this.log.warn({ ...this.at, reason: outcome.reason, delayMs: outcome.delayMs }, 'partition held');
      this.stand('held', outcome);
      if (!this.isOver()) this.holdTimer = setTimeout(() => this.run(), outcome.delayMs);
    }
    if (outcome.kind === 'wait') {
      this.stand('waiting', outcome);
      void outcome.over.then(() => {
        if (!this.isOver()) this.run();
      });
    }
    if (outcome.kind === 'halt') this.halt(outcome);
    return outcome;
  }

  /** Kafka has acknowledged a copy of the position. @throws what the handler throws */
  async copied(nextOffset: bigint): Promise<void> {
    await this.handler.copied?.(nextOffset);
  }

  /**
   * Ends the assignment. What is under way gets `graceMs` to end, then it is aborted; resolves when it has ended either way.
   * May be called again.
   */
  async close(graceMs: number): Promise<void> {
    this.state = 'closed';
    clearTimeout(this.holdTimer);
    const lost = new MembershipLostError(this.at);
    this.over.abort(lost);
    for (const { reject } of this.confirmations.splice(0)) reject(lost);
    const late = setTimeout(() => this.work.abort(lost), graceMs);
    await Promise.allSettled([this.handling, this.handler.close?.(graceMs, lost)]);
    clearTimeout(late);
    this.work.abort(lost);
  }

  private get expected(): ExpectedMove | undefined {
    const { nextOffset: taken, handler, state, reason, standing, emptyTo } = this;
    if (state === 'opening') return { otherwise: reason ?? 'it is not open yet' };
    if (taken === undefined || handler.standing !== undefined) return undefined;
    const done = handler.nextOffset ?? taken;
    const isUnderWay = done < taken;
    // What waits with nothing under way waits for somebody else.
    const isExpected = state === 'waiting' ? isUnderWay : state === 'running' && standing !== 'held';
    if (!isExpected) return undefined;
    return {
      from: !isUnderWay && emptyTo !== undefined && emptyTo > done ? emptyTo : done,
      progress: handler.progress ?? String(done),
      otherwise: this.isHandling
        ? 'its handler has not come back, or the commit of what it did'
        : isUnderWay
          ? 'records that it took are not done, or the commit of what is done fails'
          : 'no record came from Kafka, or its turn has not come while other partitions are handled',
    };
  }

  private run(): void {
    this.state = 'running';
    this.fetch.resume(this.at);
  }

  /** Stands still; it goes on with `nextOffset`. */
  private stand(state: 'waiting' | 'held', outcome: { nextOffset: bigint; reason: string }): void {
    this.nextOffset = outcome.nextOffset;
    this.emptyTo = undefined;
    if (this.isOver()) return;
    this.state = state;
    this.standing = state;
    this.reason = outcome.reason;
    this.fetch.pause(this.at);
    this.fetch.seek(this.at, outcome.nextOffset);
  }

  /** It stays halted, for everybody who looks, until its handler has said otherwise. */
  private halt({ reason, over }: Halt): void {
    if (this.isOver()) return;
    this.state = 'halted';
    this.reason = reason;
    this.fetch.pause(this.at);
    this.log.error({ ...this.at, reason }, 'partition halted');
    void over?.then(() => {
      // After its end it must not touch the fetch: the partition may be assigned anew, to this same member.
      if (!this.isOver()) void this.open();
    });
  }

  private confirmMembership(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.isOver()) reject(new MembershipLostError(this.at));
      else this.confirmations.push({ askedAtMs: Date.now(), resolve, reject });
    });
  }
}
