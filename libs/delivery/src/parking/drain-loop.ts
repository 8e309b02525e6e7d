import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@millrace/contracts';
import type { TopicPartition } from '@millrace/event';
import { wordsOf } from '../effect-failure';

/** Runs some of what is due. Says whether anything was. @throws when the store, or what the records need, is away. */
export interface Drain {
  round(signal: AbortSignal): Promise<boolean>;
}

export interface DrainLoopOptions {
  readonly drain: Drain;
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
  constructor(
    private readonly at: TopicPartition,
    private readonly options: DrainLoopOptions,
  ) {}

  /** Until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    const { reload, log } = this.options;
    for (let poll = 1; !signal.aborted; poll++) {
      try {
        if (poll % RELOAD_POLLS === 0) await reload();
        await this.drainDue(signal);
      } catch (error) {
        log.debug({ ...this.at, error: wordsOf(error) }, 'parked records wait');
      }
      await sleep(POLL_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Drains until nothing is due. @throws as its drain does */
  async drainDue(signal: AbortSignal): Promise<void> {
    while (await this.options.drain.round(signal)) signal.throwIfAborted();
  }
}
