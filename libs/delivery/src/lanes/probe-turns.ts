import { orAborted } from '@millrace/contracts';

interface Waiting {
  readonly identity: string;
  readonly turn: PromiseWithResolvers<undefined>;
}

/** How long the turn of a caller lasts that was let go on and does not call. */
const TURN_MS = 100;

/**
 * Whose turn it is to probe a dependency that was down. Callers wait here and are let go on one at a time, in order, once
 * a probe is due. A record whose probe failed comes after the others that wait: were it poisoned, it would keep the
 * dependency down for all.
 */
export class ProbeTurns {
  private readonly waiting: Waiting[] = [];
  private isDue = false;
  /** Who was let go on and has not probed yet. */
  private turn: string | undefined;
  private lastProbe: string | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** Nobody may probe for so long. */
  hold(waitMs: number): void {
    this.rest();
    this.timer = setTimeout(() => {
      this.isDue = true;
      this.next();
    }, waitMs).unref();
  }

  /** True when this record may be the next probe. */
  mayProbe(identity: string): boolean {
    if (!this.isDue || identity !== this.lastProbe) return this.isDue;
    return this.turn === identity || (this.turn === undefined && this.waiting.length === 0);
  }

  /** A probe has begun: the others wait for what it finds. */
  probing(identity: string): void {
    this.rest();
    this.lastProbe = identity;
  }

  /** The dependency is back: all go on. */
  end(): void {
    this.rest();
    this.lastProbe = undefined;
    for (const { turn } of this.waiting.splice(0)) turn.resolve(undefined);
  }

  /** Resolves at the caller's turn, or when the dependency is back. Rejects with the signal's reason when it is aborted. */
  async wait(identity: string, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const waiting = { identity, turn: Promise.withResolvers<undefined>() };
    this.waiting.push(waiting);
    if (this.isDue && this.turn === undefined) this.next();
    try {
      await orAborted(waiting.turn.promise, signal);
    } catch (error) {
      const place = this.waiting.indexOf(waiting);
      if (place >= 0) this.waiting.splice(place, 1);
      throw error;
    }
  }

  private next(): void {
    this.turn = undefined;
    const other = this.waiting.findIndex(({ identity }) => identity !== this.lastProbe);
    const [next] = this.waiting.splice(Math.max(other, 0), 1);
    if (next === undefined) return;
    this.turn = next.identity;
    // It may have been dropped meanwhile: then somebody else has to find out.
    this.timer = setTimeout(() => this.next(), TURN_MS).unref();
    next.turn.resolve(undefined);
  }

  private rest(): void {
    clearTimeout(this.timer);
    this.isDue = false;
    this.turn = undefined;
  }
}
