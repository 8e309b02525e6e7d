import { jest } from '@jest/globals';
import { DependencyUnavailableError } from '../errors';
import { DependencyBreaker } from '../lanes/dependency-breaker';
import type { DependencyBreakerOptions, DependencyStateChange } from '../lanes/dependency-breaker-options';

/** As many records as open a breaker by default. */
export const FIVE = ['a', 'b', 'c', 'd', 'e'] as const;

/** In every test of the file, time stands at 1,000,000 ms until the test moves it, and waits are as long as their bounds. */
export function useTrialClock(): void {
  beforeEach(() => {
    jest.useFakeTimers({ now: 1_000_000 });
    jest.spyOn(Math, 'random').mockReturnValue(1);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    jest.useRealTimers();
  });
}

/** Moves the time of `useTrialClock`. */
export function passes(ms: number): Promise<void> {
  return jest.advanceTimersByTimeAsync(ms);
}

/** A dependency that answers, or does not, as the test says, behind its breaker. */
export class TrialDependency {
  isDown = false;
  /** Records that fail whether the dependency is there or not. */
  readonly poisoned = new Set<string>();
  /** Who was let through, in order. */
  readonly called: string[] = [];
  readonly done: string[] = [];
  readonly changes: DependencyStateChange[] = [];
  readonly breaker: DependencyBreaker;

  constructor(options: Partial<DependencyBreakerOptions> = {}) {
    this.breaker = new DependencyBreaker({
      dependency: 'ledger',
      onStateChange: (change) => this.changes.push(change),
      ...options,
    });
  }

  /** With a breaker that five records have opened; the dependency is still down. */
  static async opened(): Promise<TrialDependency> {
    const trial = new TrialDependency();
    await trial.fail(...FIVE);
    trial.isDown = true;
    trial.called.splice(0);
    return trial;
  }

  /** 'done', 'not called', or the message of what the call was rejected with. */
  async call(identity: string, signal = new AbortController().signal): Promise<string> {
    try {
      return await this.breaker.call(identity, () => this.answer(identity), signal);
    } catch (error) {
      return error instanceof DependencyUnavailableError ? 'not called' : (error as Error).message;
    }
  }

  async fail(...identities: readonly string[]): Promise<void> {
    this.isDown = true;
    for (const identity of identities) await this.call(identity);
    this.isDown = false;
  }

  /**
   * What a lane does with its record: while the dependency is away it waits and tries again; a failure that is the
   * record's own is not tried again here.
   */
  async insist(identity: string, signal = new AbortController().signal): Promise<void> {
    for (;;) {
      const outcome = await this.call(identity, signal);
      if (outcome === 'done') this.done.push(identity);
      if (outcome === 'done' || this.breaker.state === 'closed') return;
      await this.breaker.whenWorthTrying(identity, signal);
    }
  }

  private async answer(identity: string): Promise<string> {
    this.called.push(identity);
    if (this.isDown || this.poisoned.has(identity)) throw new Error('no answer');
    return 'done';
  }
}
