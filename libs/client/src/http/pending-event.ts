import {
  PublishAbortedError,
  PublishDeadlineError,
  PublishOvertakenError,
  PublishRefusedError,
} from '../errors';
import type { AbortListeners } from '../abort-listeners';
import type { PublishError, PublishOutcome } from '../errors';
import type { Published } from '../publisher';
import type { Failure } from './failure';

export interface PendingEventOptions {
  readonly type: string;
  readonly id: string;
  /** What is sent. */
  readonly text: string;
  readonly sizeBytes: number;
  /** Events of one key have the same; those without a key have none. */
  readonly key: string | undefined;
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
  readonly aborts: AbortListeners;
  /** Called exactly once, whatever the outcome. */
  readonly onSettled: (event: PendingEvent) => void;
}

/** A timer that is set for longer fires at once. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * An event on its way into the log, with the caller that waits for it. It is settled exactly once: by an answer, by its
 * deadline, or by its caller's signal. Once it is settled no further try sends it.
 */
export class PendingEvent {
  readonly done: Promise<Published>;
  settled = false;
  private readonly answer = Promise.withResolvers<Published>();
  private readonly startedAt = performance.now();
  private readonly timer: NodeJS.Timeout;
  private inFlight = false;
  /** Some try may have reached the log: no later one takes that back. */
  private mayBeWritten = false;
  private lastFailure: Failure | undefined;

  constructor(private readonly options: PendingEventOptions) {
    const { deadlineMs, signal, aborts } = options;
    this.done = this.answer.promise;
    this.timer = setTimeout(() => this.expire(), Math.min(deadlineMs, MAX_TIMER_MS));
    if (signal?.aborted === true) this.abort();
    else if (signal !== undefined) aborts.add(signal, this.abort);
  }

  get text(): string {
    return this.options.text;
  }

  get sizeBytes(): number {
    return this.options.sizeBytes;
  }

  get key(): string | undefined {
    return this.options.key;
  }

  get id(): string {
    return this.options.id;
  }

  /** From now on, and until `fail` says more, it may be in the log. */
  sent(): void {
    this.inFlight = true;
  }

  acknowledge(published: Published): void {
    if (this.settle()) this.answer.resolve(published);
  }

  /** A try has failed; `outcome` says what is known of that try alone. */
  fail(failure: Failure): void {
    this.inFlight = false;
    this.mayBeWritten ||= failure.outcome === 'unknown';
    this.lastFailure = failure;
  }

  /** No further try helps. */
  refuse(failure: Failure): void {
    const { problem = { detail: failure.reason }, cause } = failure;
    const outcome = this.mayBeWritten ? 'unknown' : failure.outcome;
    this.reject(new PublishRefusedError(this.options, { outcome, problem, cause }));
  }

  /** A further try would put it behind a later event of its key. */
  overtaken(failure: Failure): void {
    this.reject(new PublishOvertakenError(this.options, this.outcome, failure.reason));
  }

  /** Answers the caller now, with what is known. */
  expire(): void {
    const waitedMs = performance.now() - this.startedAt;
    const { reason, cause } = this.lastFailure ?? {};
    const why = { waitedMs, lastFailure: reason, cause };
    this.reject(new PublishDeadlineError(this.options, this.outcome, why));
  }

  private readonly abort = (): void => {
    this.reject(new PublishAbortedError(this.options, this.outcome, this.options.signal?.reason));
  };

  private get outcome(): PublishOutcome {
    return this.inFlight || this.mayBeWritten ? 'unknown' : 'not-written';
  }

  private reject(error: PublishError): void {
    if (this.settle()) this.answer.reject(error);
  }

  private settle(): boolean {
    if (this.settled) return false;
    this.settled = true;
    clearTimeout(this.timer);
    const { signal, aborts } = this.options;
    if (signal !== undefined) aborts.delete(signal, this.abort);
    this.options.onSettled(this);
    return true;
  }
}
