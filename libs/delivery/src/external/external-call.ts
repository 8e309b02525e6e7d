import { orAborted } from '@millrace/contracts';
import { formatPosition } from '@millrace/event';
import type { LogRecord } from '@millrace/event';
import type { ConsumerGroup } from '../consumer-group';
import { CallTimeoutError, DependencyUnavailableError } from '../errors';
import type { DependencyBreaker } from '../lanes/dependency-breaker';
import { isPermanent } from '../parking/group-judge';

export interface CallContext {
  readonly attempt: number;
  readonly signal: AbortSignal;
}

/** Calls the handler of a record, which calls the outside. Rejects as the handler does. */
export type Call = (record: LogRecord, context: CallContext) => Promise<void>;

/** How long all tries of one record may take, until it is done or out of the way; 0 where nothing bounds a handler. */
export function longestTriesMs({ kind, retry, calls }: ConsumerGroup): number {
  if (kind !== 'external') return 0;
  return retry.attempts * calls.timeoutMs + (retry.attempts - 1) * retry.maxMs;
}

/**
 * One try of one record, within its time and through the breaker of its dependency. What the breaker lays at the dependency's
 * door is no try of the record: it is made again when the dependency may be back.
 */
export class ExternalCall {
  constructor(
    private readonly group: ConsumerGroup,
    private readonly breaker: DependencyBreaker,
    private readonly call: Call,
  ) {}

  /** Undefined when it succeeded, otherwise how it failed. @throws the signal's reason when it is aborted meanwhile. */
  async tryOnce(
    record: LogRecord,
    { attempt, signal }: CallContext,
  ): Promise<{ readonly error: unknown } | undefined> {
    const identity = `${this.group.name} ${formatPosition(record)}`;
    for (;;) {
      try {
        await this.breaker.call(identity, () => this.inTime(record, attempt, signal), signal);
        return undefined;
      } catch (error) {
        signal.throwIfAborted();
        const isDependency =
          error instanceof DependencyUnavailableError ||
          (this.breaker.state !== 'closed' && !isPermanent(error));
        if (!isDependency) return { error };
        await this.breaker.whenWorthTrying(identity, signal);
      }
    }
  }

  /** A handler that does not listen to its signal is left to itself: its record is tried again, or given back. */
  private async inTime(record: LogRecord, attempt: number, given: AbortSignal): Promise<void> {
    const { timeoutMs } = this.group.calls;
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(new CallTimeoutError(record, timeoutMs)), timeoutMs);
    const signal = AbortSignal.any([given, late.signal]);
    try {
      await orAborted(this.call(record, { attempt, signal }), signal);
    } finally {
      clearTimeout(timer);
    }
  }
}
