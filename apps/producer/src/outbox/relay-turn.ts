import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@millrace/contracts';
import type { WritePath } from '../write-path';
import { HeldKeys } from './held-keys';
import type { OutboxRow, RowRules } from './outbox-row';
import type { OutboxStore, PageLimits } from './outbox-store';
import { publishable } from './publishable';
import { publishRows } from './publish-rows';
import type { WakeUp } from './wake-up';

export interface RelayTurnOptions {
  readonly store: OutboxStore;
  readonly writePath: Pick<WritePath, 'prepare' | 'append' | 'room'>;
  readonly wakeUp: WakeUp;
  readonly rules: RowRules;
  /** How long the relay sleeps at most when nobody wakes it. */
  readonly pollIntervalMs: number;
  readonly partitionRows: number;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** Pages that are on their way to the log at once. */
const PAGES_UNDER_WAY = 4;
const PAGE = { rows: 1_000, bytes: 8_000_000 };
const FIRST_WAIT_MS = 10;
const BLOCKED_WAIT_MS = 100;
/** So that the session is not taken for a dead one while the log is away. */
const ASK_EVERY_MS = 1_000;
/** Of a key that is set aside, at once. */
const RETRIED_ROWS = 100;
const TIDY_EVERY_MS = 1_000;
/** After so many reads in a row that found something, whoever appends need not wake the relay. */
const BUSY_READS = 8;
const PARTITIONS_AHEAD = 3;

/**
 * One turn of the relay at an outbox: reads what is committed, in order, hands it to the log, and moves the position when the
 * log has acknowledged it. Several pages are under way at once; the position follows the oldest.
 */
export class RelayTurn {
  private readonly held = new HeldKeys();
  private readonly limits: PageLimits;
  private readTo: bigint;
  /** Numbers up to here can no longer appear, those that are missing included. */
  private settledTo = 0n;
  private look: { readonly drawnTo: bigint; readonly settledWhen: bigint } | undefined;
  private underWay: Promise<void>[] = [];
  private settling: Promise<void> = Promise.resolve();
  private failure: { readonly error: unknown } | undefined;
  private busyReads = 0;
  private isSleepy: boolean | undefined;
  private tidyAt = 0;
  private blockedAt: number | undefined;
  private hasWorked_ = false;

  constructor(private readonly options: RelayTurnOptions) {
    this.limits = { ...PAGE, maxEventBytes: options.rules.maxEventBytes };
    this.readTo = options.store.position;
  }

  /** How long the relay has stood before a transaction that has appended and has not ended; undefined when it does not. */
  get blockedForMs(): number | undefined {
    return this.blockedAt === undefined ? undefined : performance.now() - this.blockedAt;
  }

  /** Whether it has published something, or found nothing left to publish. */
  get hasWorked(): boolean {
    return this.hasWorked_;
  }

  /** Works until the signal aborts. Then what was handed to the log still gets its answer. @throws what ended it before. */
  async run(): Promise<void> {
    const { signal, wakeUp, pollIntervalMs } = this.options;
    let waitMs = FIRST_WAIT_MS;
    try {
      while (!signal.aborted) {
        await this.tidy();
        wakeUp.reset();
        if (await this.publishNext()) waitMs = FIRST_WAIT_MS;
        else {
          await this.rest(waitMs);
          // A rollback wakes nobody.
          const longestMs =
            this.blockedAt === undefined ? pollIntervalMs : Math.min(pollIntervalMs, BLOCKED_WAIT_MS);
          waitMs = Math.min(waitMs * 2, longestMs);
        }
      }
    } finally {
      await Promise.allSettled(this.underWay);
    }
    this.rethrow();
  }

  private async rest(forMs: number): Promise<void> {
    const { signal, wakeUp } = this.options;
    const until = performance.now() + forMs;
    for (let leftMs = forMs; leftMs > 0 && !signal.aborted; leftMs = until - performance.now()) {
      if (await wakeUp.wait(Math.min(leftMs, ASK_EVERY_MS), signal)) return;
      await this.tidy();
    }
  }

  /** False when there is nothing to do for now. */
  private async publishNext(): Promise<boolean> {
    await this.makeRoom();
    const rows = await this.readReady();
    if (rows.length > 0) {
      this.publish(rows);
      this.busyReads += 1;
      if (this.busyReads === BUSY_READS) await this.setSleepy(false);
      return true;
    }
    this.busyReads = 0;
    this.hasWorked_ = true;
    if (this.isSleepy === true) return false;
    // Whoever committed before it was said that the relay sleeps has woken nobody: look once more.
    await this.setSleepy(true);
    return true;
  }

  private async readReady(): Promise<readonly OutboxRow[]> {
    const { store } = this.options;
    for (let isSecondLook = false; ; isSecondLook = true) {
      const { rows, oldestRunning } = await store.readPage(this.readTo, this.limits);
      if (this.look !== undefined && oldestRunning >= this.look.settledWhen) {
        this.settledTo = this.look.drawnTo;
        this.look = undefined;
      }
      const ready = publishable(rows, { after: this.readTo, settledTo: this.settledTo });
      if (ready.length > 0 || rows.length === 0) {
        this.blockedAt = undefined;
        return ready;
      }
      // A number is missing before the first row. Where it was rolled back, that is known at once.
      this.look ??= await store.lookAhead();
      if (isSecondLook) {
        this.blockedAt ??= performance.now();
        return [];
      }
    }
  }

  private publish(rows: readonly OutboxRow[]): void {
    const { writePath, rules, store } = this.options;
    const to = rows.at(-1)?.number ?? this.readTo;
    this.readTo = to;
    const published = publishRows(rows, { writePath, rules, held: this.held });
    const before = this.settling;
    this.settling = Promise.all([published, before]).then(async ([aside]) => {
      await store.settle(to, aside);
      this.hasWorked_ = true;
      for (const { number, code, reason } of aside) {
        if (code !== null)
          this.options.log.error(
            { number: String(number), code, reason },
            'an event of the outbox is set aside',
          );
      }
    });
    const done = this.settling.catch((error: unknown) => {
      this.failure ??= { error };
    });
    this.underWay.push(done);
    void done.then(() => (this.underWay = this.underWay.filter((each) => each !== done)));
  }

  private async makeRoom(): Promise<void> {
    while (this.underWay.length >= PAGES_UNDER_WAY) await this.patiently(Promise.race(this.underWay));
    await this.patiently(this.options.writePath.room());
    this.rethrow();
  }

  /** Waits for the log, however long that takes, and shows the database meanwhile that somebody is there. */
  private async patiently(work: Promise<unknown> | undefined): Promise<void> {
    if (work === undefined) return;
    const done = work.then(() => true);
    // A stop leaves before it is done.
    done.catch(() => undefined);
    const { signal, store } = this.options;
    for (;;) {
      const ending = new AbortController();
      const asking = sleep(ASK_EVERY_MS, false, { signal: AbortSignal.any([signal, ending.signal]) }).catch(
        () => true,
      );
      const isDone = await Promise.race([done, asking]);
      ending.abort();
      if (isDone) return;
      await store.ping();
    }
  }

  private rethrow(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }

  private async setSleepy(sleepy: boolean): Promise<void> {
    if (this.isSleepy === sleepy) return;
    await this.options.store.setSleeping(sleepy);
    this.isSleepy = sleepy;
  }

  private async tidy(): Promise<void> {
    if (performance.now() < this.tidyAt) return;
    this.tidyAt = performance.now() + TIDY_EVERY_MS;
    const { store, log, partitionRows } = this.options;
    await this.retrySetAside();
    try {
      const { made, dropped } = await store.keepPartitions(partitionRows, PARTITIONS_AHEAD);
      if (made + dropped > 0) log.debug({ made, dropped }, 'partitions of the outbox were kept');
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
    }
  }

  /** Tries what an operator has released. Nothing else is under way meanwhile: a key's events must not pass one another. */
  private async retrySetAside(): Promise<void> {
    const { store, writePath, rules, signal } = this.options;
    for (let first = await store.keyToRetry(); first !== undefined; first = await store.keyToRetry()) {
      await this.patiently(Promise.all(this.underWay));
      this.rethrow();
      if (signal.aborted) return;
      const rows = await store.readSetAside(first, { ...this.limits, rows: RETRIED_ROWS });
      const publishing = publishRows(rows, { writePath, rules, held: new HeldKeys() });
      await this.patiently(publishing);
      const aside = await publishing;
      await store.settleSetAside(rows, aside);
    }
    if (this.underWay.length === 0) this.held.replace(await store.heldKeys());
  }
}

function isLockTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '55P03';
}
