import type { Backoff } from '../backoff';

/** What a breaker lets through: everything, single probes, nothing. */
export type BreakerState = 'closed' | 'half-open' | 'open';

export interface DependencyStateChange {
  readonly dependency: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
  /** When it happened, in epoch milliseconds. */
  readonly at: number;
  readonly lastError: string | undefined;
}

export interface DependencyBreakerOptions {
  /** What it is called in errors, logs and metrics. */
  readonly dependency: string;
  /** The failures of how many distinct records in a row open it. Default 5. */
  readonly threshold?: number;
  /** The bounds of the waits before probes; each is drawn from the upper half of its bound, which doubles. Default 1 to 30 s. */
  readonly halfOpenAfter?: Backoff;
  /** False for an error by which the dependency answered, such as a permanent one. Every error counts by default. */
  readonly countsAsFailure?: (error: unknown) => boolean;
  /** Called after each change of state, in order. It must not throw. */
  readonly onStateChange?: (change: DependencyStateChange) => void;
}
