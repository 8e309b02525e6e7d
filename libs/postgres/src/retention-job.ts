import type { Logger } from '@millrace/contracts';

/** Rows of one kind that are kept for a while. */
export interface KeptForAWhile {
  /** Removes at most so many of those that are too old, in one statement, and says how many it were. Safe to run anywhere at once. */
  removeOld(limit: number): Promise<number>;
}

export interface RetentionJobOptions {
  /** What is removed, in the plural, for the log. */
  readonly what: string;
  readonly log: Logger;
  /** Default 60,000 ms. */
  readonly everyMs?: number;
}

const EVERY_MS = 60_000;
/** Rows of one statement: few enough that nobody waits for it. */
const ROWS = 2_000;
/** Statements of one round and kind: what is left waits for the next one. */
const STATEMENTS = 500;

/** Removes what is older than it is kept, once a minute in small statements, from when it was made. Instances may do it at the same time. */
export class RetentionJob {
  private readonly timer: NodeJS.Timeout;
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly kept: readonly KeptForAWhile[],
    private readonly options: RetentionJobOptions,
  ) {
    this.timer = setInterval(() => {
      this.running ??= this.round().finally(() => (this.running = undefined));
    }, options.everyMs ?? EVERY_MS).unref();
  }

  /** Resolves when the statement that is under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  private async round(): Promise<void> {
    const { what, log } = this.options;
    try {
      for (const each of this.kept) {
        for (let count = 0; count < STATEMENTS && !this.stopped; count++) {
          if ((await each.removeOld(ROWS)) < ROWS) break;
        }
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log.warn({ error: reason }, `old ${what} could not be removed, trying again in a minute`);
    }
  }
}
