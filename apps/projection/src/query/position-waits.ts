import { setTimeout as sleep } from 'node:timers/promises';
import type { Position } from '@millrace/event';
import { TooManyWaitingError } from '../errors';
import { includesAll } from './at-least';

const POLL_MS = 10;
const MAX_WAITING = 1_000;

/** How a wait ended: with the positions that were last seen. */
export interface WaitOutcome {
  readonly isIncluded: boolean;
  readonly positions: readonly string[];
}

interface Waiting {
  readonly wanted: readonly Position[];
  readonly deadline: number;
  readonly resolve: (outcome: WaitOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Queries that wait until a read model includes records: clients read their own writes by passing on the positions that
 * publishing returned. However many wait, the positions are asked for once, every 10 ms, and not at all when none does.
 */
export class PositionWaits {
  private readonly waiting = new Set<Waiting>();
  private polling: Promise<void> | undefined;

  constructor(
    private readonly projection: string,
    /** The live build's, as they are now. */
    private readonly read: () => Promise<readonly string[]>,
  ) {}

  /**
   * Waits until the live build includes these records, or the deadline, in the time of `performance.now()`.
   * @throws TooManyWaitingError, or what reading the positions throws.
   */
  until(wanted: readonly Position[], deadline: number): Promise<WaitOutcome> {
    if (this.waiting.size >= MAX_WAITING) throw new TooManyWaitingError(this.projection, MAX_WAITING);
    const { promise, resolve, reject } = Promise.withResolvers<WaitOutcome>();
    this.waiting.add({ wanted, deadline, resolve, reject });
    this.polling ??= this.poll();
    return promise;
  }

  private async poll(): Promise<void> {
    while (this.waiting.size > 0) {
      // Whoever comes in the meantime may have been promised more than what is being read now.
      const asked = [...this.waiting];
      try {
        this.answer(asked, await this.read());
      } catch (error) {
        for (const each of asked) {
          this.waiting.delete(each);
          each.reject(error);
        }
      }
      if (this.waiting.size > 0) await sleep(POLL_MS);
    }
    this.polling = undefined;
  }

  private answer(asked: readonly Waiting[], positions: readonly string[]): void {
    const now = performance.now();
    for (const each of asked) {
      const isIncluded = includesAll(positions, each.wanted);
      if (!isIncluded && now < each.deadline) continue;
      this.waiting.delete(each);
      each.resolve({ isIncluded, positions });
    }
  }
}
