import { Fifo } from './fifo';

const MAX_TIMER_MS = 2 ** 31 - 1;

export interface LanesOptions<Item> {
  /**
   * Does one item. It keeps its own failures: a rejection is a defect, reaches the process as an unhandled one, and the
   * lane goes on with its next item. `signal` is aborted when the lanes were stopped and their grace is over.
   */
  readonly run: (item: Item, signal: AbortSignal) => Promise<void>;
  /** How many items run at once. Default 64. */
  readonly concurrency?: number;
  /** How many items are inside at once, waiting and running. Default 1,000; not less than `concurrency`. */
  readonly capacity?: number;
}

/** What waits for one key. It is listed under its key as long as an item of it waits or runs. */
interface Lane<Item> {
  readonly key: string | undefined;
  waiting: Fifo<Item>;
}

/**
 * Runs items in lanes, one for each key: the items of a key one after another in the order in which they were offered,
 * different keys at once. An item without a key is a lane of its own. Lanes take turns: one that has many items waiting
 * goes behind the others after each. Nothing is kept of a lane that has run empty.
 *
 * After `stop` nothing begins any more: what waits and what is still offered never runs.
 */
export class Lanes<Item> {
  readonly concurrency: number;
  readonly capacity: number;
  private readonly run: LanesOptions<Item>['run'];
  private readonly byKey = new Map<string, Lane<Item>>();
  /** The lanes that have an item waiting and none running, in the order of their turns. */
  private readonly ready = new Fifo<Lane<Item>>();
  private readonly aborts = new Set<AbortController>();
  private insideCount = 0;
  private stopped = false;
  private forIdle: PromiseWithResolvers<void> | undefined;

  /** @throws RangeError when the bounds are no positive whole numbers, or the capacity is the smaller one. */
  constructor({ run, concurrency = 64, capacity = 1_000 }: LanesOptions<Item>) {
    if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
      throw new RangeError(`concurrency of lanes: expected a positive whole number, got ${concurrency}`);
    }
    if (!Number.isSafeInteger(capacity) || capacity < concurrency) {
      throw new RangeError(
        `capacity of lanes: expected a whole number of at least ${concurrency}, got ${capacity}`,
      );
    }
    this.run = run;
    this.concurrency = concurrency;
    this.capacity = capacity;
  }

  /** How many items wait or run. */
  get inside(): number {
    return this.insideCount;
  }

  get running(): number {
    return this.aborts.size;
  }

  /** How many keys have an item inside. */
  get keys(): number {
    return this.byKey.size;
  }

  /** Also once they are stopped, so that nobody waits for it for ever. */
  get hasRoom(): boolean {
    return this.stopped || this.insideCount < this.capacity;
  }

  /** Takes an item in; it may begin at once. @throws RangeError when there is no room: wait for it first. */
  offer(item: Item, key: string | undefined): void {
    if (this.stopped) return;
    if (!this.hasRoom)
      throw new RangeError(`lanes are full: ${this.capacity} items are inside, wait for room`);
    this.insideCount += 1;
    const known = key === undefined ? undefined : this.byKey.get(key);
    if (known !== undefined) return known.waiting.push(item);
    const lane = { key, waiting: new Fifo<Item>() };
    lane.waiting.push(item);
    if (key !== undefined) this.byKey.set(key, lane);
    this.ready.push(lane);
    this.beginReady();
  }

  /** Resolves when nothing is inside. */
  idle(): Promise<void> {
    if (this.insideCount === 0) return Promise.resolve();
    this.forIdle ??= Promise.withResolvers();
    return this.forIdle.promise;
  }

  /**
   * Begins nothing any more. Items that run get `graceMs` to end; then their signals are aborted, with `reason` if given.
   * Resolves when none is left, however long that takes. May be called again: the shortest grace counts.
   */
  async stop(graceMs: number, reason?: unknown): Promise<void> {
    this.stopped = true;
    this.giveBack();
    if (this.running === 0) return;
    const timer = setTimeout(
      () => {
        for (const abort of this.aborts) abort.abort(reason);
      },
      Math.min(graceMs, MAX_TIMER_MS),
    );
    try {
      await this.idle();
    } finally {
      clearTimeout(timer);
    }
  }

  private beginReady(): void {
    while (this.running < this.concurrency) {
      const lane = this.ready.shift();
      if (lane === undefined) return;
      void this.runNext(lane);
    }
  }

  private async runNext(lane: Lane<Item>): Promise<void> {
    const abort = new AbortController();
    this.aborts.add(abort);
    try {
      await this.run(lane.waiting.shift() as Item, abort.signal);
    } finally {
      this.aborts.delete(abort);
      this.leave(lane);
    }
  }

  private leave(lane: Lane<Item>): void {
    if (lane.waiting.size > 0) this.ready.push(lane);
    else if (lane.key !== undefined) this.byKey.delete(lane.key);
    this.left(1);
    this.beginReady();
  }

  /** Drops what has not begun. */
  private giveBack(): void {
    for (let lane = this.ready.shift(); lane !== undefined; lane = this.ready.shift()) {
      if (lane.key !== undefined) this.byKey.delete(lane.key);
    }
    for (const lane of this.byKey.values()) lane.waiting = new Fifo();
    this.left(this.insideCount - this.running);
  }

  private left(count: number): void {
    this.insideCount -= count;
    if (this.insideCount > 0) return;
    this.forIdle?.resolve();
    this.forIdle = undefined;
  }
}
