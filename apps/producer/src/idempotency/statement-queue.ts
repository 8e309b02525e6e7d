import { setTimeout as sleep } from 'node:timers/promises';
import { classifyDatabaseFailure } from '@millrace/postgres';

const RETRY_MS = 200;
const MAX_ROWS = 1_000;

export interface StatementQueueOptions<Item> {
  /** One statement for all of them. */
  readonly run: (items: readonly Item[]) => Promise<void>;
  /** Beyond it the oldest are given up. */
  readonly maxItems: number;
  /** Called once for each, whether its statement succeeded or it was given up. */
  readonly onDone: (item: Item) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Work for the database that nobody waits for, one statement at a time: what comes while one is under way joins the next.
 * While the database is away it is tried again, and kept up to a bound.
 */
export class StatementQueue<Item> {
  private readonly items: Item[] = [];
  private underWay = 0;
  private running: Promise<void> | undefined;
  private readonly closing = new AbortController();

  constructor(private readonly options: StatementQueueOptions<Item>) {}

  /** What is not done yet. */
  get size(): number {
    return this.items.length + this.underWay;
  }

  push(item: Item): void {
    this.items.push(item);
    if (this.items.length > this.options.maxItems) this.options.onDone(this.items.shift() as Item);
    this.running ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.run());
  }

  /** Resolves when nothing is left, or when the time is over; what is left is given up. */
  async close(withinMs: number): Promise<void> {
    await Promise.race([this.running, sleep(withinMs, undefined, { ref: false })]);
    this.closing.abort();
  }

  private async run(): Promise<void> {
    while (this.items.length > 0 && !this.closing.signal.aborted) {
      const items = this.items.splice(0, MAX_ROWS);
      this.underWay = items.length;
      await this.runUntilDone(items);
      this.underWay = 0;
      for (const item of items) this.options.onDone(item);
    }
    this.running = undefined;
  }

  private async runUntilDone(items: readonly Item[]): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      try {
        return await this.options.run(items);
      } catch (error) {
        if (classifyDatabaseFailure(error) === 'other') return this.options.onError(error);
        await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
