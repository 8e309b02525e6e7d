import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@millrace/contracts';
import type { TopicPartition } from '@millrace/event';
import { wordsOf } from '../effect-failure';

/** Runs some of what is due. Says whether anything was. @throws when the store, or what the records need, is away. */
export interface Drain {
  round(signal: AbortSignal): Promise<boolean>;
}

export interface DrainLoopOptions {
  readonly drains: readonly Drain[];
  /** Learns what others have changed. */
  readonly reload: () => Promise<void>;
  readonly log: Logger;
}

/** How long it waits when nothing is due, or the store is away. */
const POLL_MS = 500;
/** How often it looks for what others have changed, in polls. */
const RELOAD_POLLS = 10;

/** Drains the queues of a partition's fenced keys as long as this process owns it, beside the records that come from the log. */
export class DrainLoop {
  /** What was last in the way, so that it is said once. */
  private trouble: string | undefined;

  constructor(
    private readonly at: TopicPartition,
    private readonly options: DrainLoopOptions,
  ) {}

  /** Until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { reload, drains } = this.options;
    for (let poll = 1; !signal.aborted; poll++) {
      const work = drains.map((drain) => () => untilNothingIsDue(drain, signal));
      if (poll % RELOAD_POLLS === 0) work.unshift(reload);
      // One that cannot go on does not keep the others.
      const troubles: string[] = [];
      for (const each of work) await each().catch((error: unknown) => troubles.push(wordsOf(error)));
      if (!isAborted(signal)) this.say(troubles[0]);
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Drains until nothing is due. @throws as its drains do */
  async drainDue(signal: AbortSignal): Promise<void> {
    for (const drain of this.options.drains) await untilNothingIsDue(drain, signal);
  }

  private say(trouble: string | undefined): void {
    if (trouble !== undefined && trouble !== this.trouble)
      this.options.log.warn({ ...this.at, error: trouble }, 'parked records or dead letters wait');
    this.trouble = trouble;
  }
}

async function untilNothingIsDue(drain: Drain, signal: AbortSignal): Promise<void> {
  while (await drain.round(signal)) signal.throwIfAborted();
}

function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
