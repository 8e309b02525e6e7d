import type { Logger } from '@millrace/contracts';
import type { ReservationStore } from '@millrace/postgres';

const EVERY_MS = 60_000;
/** Rows of one statement: few enough that nobody waits for it. */
const ROWS = 2_000;
/** Statements of one round and topic: what is left waits for the next one. */
const STATEMENTS = 500;

/** Removes reservations whose window is over, once a minute in small statements. Instances may do it at the same time. */
export class ReservationRetention {
  private readonly timer: NodeJS.Timeout;
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly stores: readonly Pick<ReservationStore, 'removeOld'>[],
    private readonly log: Logger,
    everyMs = EVERY_MS,
  ) {
    this.timer = setInterval(() => {
      this.running ??= this.round().finally(() => (this.running = undefined));
    }, everyMs).unref();
  }

  /** Resolves when the statement that is under way has ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  private async round(): Promise<void> {
    try {
      for (const store of this.stores) {
        for (let count = 0; count < STATEMENTS && !this.stopped; count++) {
          if ((await store.removeOld(ROWS)) < ROWS) break;
        }
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.log.warn({ error: reason }, 'old reservations could not be removed, trying again in a minute');
    }
  }
}
