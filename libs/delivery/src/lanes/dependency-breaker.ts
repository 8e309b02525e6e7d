import { orAborted } from '@millrace/contracts';
import {
  circuitBreaker,
  CircuitState,
  ExponentialBackoff,
  halfJitterGenerator,
  handleWhenResult,
} from 'cockatiel';
import type { CircuitBreakerPolicy, IBackoff } from 'cockatiel';
import { wordsOf } from '../effect-failure';
import { DependencyUnavailableError } from '../errors';
import type {
  BreakerState,
  DependencyBreakerOptions,
  DependencyStateChange,
} from './dependency-breaker-options';
import { DistinctFailures } from './distinct-failures';
import { ProbeTurns } from './probe-turns';

type Outcome<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  /** It failed and the dependency answered. */
  | { readonly kind: 'answered'; readonly error: unknown }
  | { readonly kind: 'failed'; readonly error: unknown };

const STATES = {
  [CircuitState.Closed]: 'closed',
  [CircuitState.Open]: 'open',
  [CircuitState.HalfOpen]: 'half-open',
  // Nobody holds it open by hand.
  [CircuitState.Isolated]: 'open',
} as const satisfies Record<CircuitState, BreakerState>;

/**
 * The circuit breaker of one dependency in one process, shared by all handlers that call it.
 *
 * It opens after failures of `threshold` distinct records in a row, so that a poisoned record alone never opens it. When
 * it has been open for a while, one call with a real record probes, and the others wait for what it finds: success closes
 * it, failure opens it for longer. The next probe is another record's, as long as another waits.
 */
export class DependencyBreaker {
  readonly dependency: string;
  private readonly countsAsFailure: (error: unknown) => boolean;
  private readonly onStateChange: ((change: DependencyStateChange) => void) | undefined;
  private readonly failures: DistinctFailures;
  private readonly policy: CircuitBreakerPolicy;
  private readonly turns = new ProbeTurns();
  private readonly firstWait: ExponentialBackoff<number>;
  private wait: IBackoff<unknown> | undefined;
  private current: BreakerState = 'closed';
  private decided = Promise.withResolvers<undefined>();
  /** Grows with each change of state. */
  private era = 0;
  private turnedAt = Date.now();
  private lastFailure: unknown;

  /** @throws RangeError when the threshold is no positive whole number. */
  constructor({ dependency, threshold = 5, ...options }: DependencyBreakerOptions) {
    if (!Number.isSafeInteger(threshold) || threshold < 1) {
      throw new RangeError(`threshold of ${dependency}: expected a positive whole number, got ${threshold}`);
    }
    const { initialMs, maxMs } = options.halfOpenAfter ?? { initialMs: 1_000, maxMs: 30_000 };
    this.dependency = dependency;
    this.countsAsFailure = options.countsAsFailure ?? (() => true);
    this.onStateChange = options.onStateChange;
    this.firstWait = new ExponentialBackoff({
      generator: halfJitterGenerator,
      initialDelay: initialMs,
      maxDelay: maxMs,
    });
    this.failures = new DistinctFailures(threshold);
    this.policy = circuitBreaker(
      handleWhenResult((outcome) => (outcome as Outcome<unknown>).kind === 'failed'),
      {
        breaker: this.failures,
        // cockatiel would measure by the wall clock, which can be set back for hours. Our turns have a timer.
        halfOpenAfter: Number.NEGATIVE_INFINITY,
      },
    );
    this.policy.onStateChange((state) => this.changed(STATES[state]));
  }

  get state(): BreakerState {
    return this.current;
  }

  /** When it was last closed or, after that, first opened, in epoch milliseconds. A probe that fails does not change it. */
  get since(): number {
    return this.turnedAt;
  }

  /** The message of the last failure that counted. */
  get lastError(): string | undefined {
    return this.lastFailure === undefined ? undefined : wordsOf(this.lastFailure);
  }

  /**
   * Calls `fn` for the record of that identity, which must be another for every record of every group. While another
   * record probes, it waits for the outcome first. `fn` has to end some time: everybody may be waiting for it.
   *
   * Rejects as `fn` does. Look at `state` then: unless it is `closed`, the failure is the dependency's, and the attempt
   * should not be held against the record. A failure after `signal` was aborted counts for nothing, as the caller gave
   * it up; only a probe has to be made again.
   *
   * @throws DependencyUnavailableError when `fn` was not called: go on after `whenWorthTrying`.
   * @throws the signal's reason when it is aborted before `fn` is called.
   */
  async call<Result>(identity: string, fn: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
    while (this.current === 'half-open') await orAborted(this.decided.promise, signal);
    signal.throwIfAborted();
    if (this.current === 'open') {
      if (!this.turns.mayProbe(identity)) throw this.unavailable();
      this.turns.probing(identity);
    }
    const outcome = await this.policy.execute(() => this.outcomeOf(identity, fn, signal));
    if (outcome.kind === 'done') return outcome.result;
    throw outcome.error;
  }

  /**
   * Resolves when `call` may succeed for this record: at once when the circuit is closed, else when it closes, or at the
   * record's turn to probe. Records wait in order and get their turns one at a time, so nobody has to ask again and again.
   * Rejects with the signal's reason when it is aborted.
   */
  async whenWorthTrying(identity: string, signal: AbortSignal): Promise<void> {
    if (this.current === 'closed') signal.throwIfAborted();
    else await this.turns.wait(identity, signal);
  }

  private async outcomeOf<Result>(
    identity: string,
    fn: () => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Outcome<Result>> {
    const { era } = this;
    try {
      return { kind: 'done', result: await fn() };
    } catch (error) {
      if (!signal.aborted) {
        if (!this.countsAsFailure(error)) return { kind: 'answered', error };
        // What was called before the last change of state says nothing new: it must not open what a probe has closed.
        if (era === this.era) {
          this.failures.note(identity);
          this.lastFailure = error;
        }
      }
      return { kind: 'failed', error };
    }
  }

  private changed(to: BreakerState): void {
    const from = this.current;
    this.current = to;
    const at = Date.now();
    if (from === 'closed' || to === 'closed') this.turnedAt = at;
    this.era += 1;
    this.failures.clear();
    if (to === 'half-open') this.decided = Promise.withResolvers<undefined>();
    else this.decided.resolve(undefined);
    if (to === 'open') this.turns.hold(this.nextWaitMs());
    if (to === 'closed') {
      this.wait = undefined;
      this.turns.end();
    }
    const { dependency, lastError } = this;
    this.onStateChange?.({ dependency, from, to, at, lastError });
  }

  private nextWaitMs(): number {
    this.wait = this.wait?.next(undefined) ?? this.firstWait.next();
    return this.wait.duration;
  }

  private unavailable(): DependencyUnavailableError {
    return new DependencyUnavailableError(this.dependency, this.turnedAt, this.lastFailure);
  }
}
