import { setTimeout as sleep } from 'node:timers/promises';

/** What was held up may be made up for by so much at once. */
const MAX_BEHIND_MS = 1_000;

/** Lets so many pass a second, whoever asks. After a standstill it makes up for a second at most. */
export class Pacer {
  private nextAt = performance.now();

  constructor(private readonly perSecond: number) {}

  /** Resolves when `count` may pass. @throws the signal's reason when it aborts first. */
  async pass(count: number, signal: AbortSignal): Promise<void> {
    const now = performance.now();
    const at = Math.max(this.nextAt, now - MAX_BEHIND_MS);
    this.nextAt = at + (count * 1_000) / this.perSecond;
    signal.throwIfAborted();
    if (at > now) await sleep(at - now, undefined, { signal });
  }
}
