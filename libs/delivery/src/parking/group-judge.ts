import { MillraceError } from '@millrace/contracts';
import { fullJitterMs } from '../backoff';
import type { EffectFailure, Judge } from '../effect-failure';
import { wordsOf } from '../effect-failure';
import { QueueFullError, UndecodableRecordError } from '../errors';
import type { ParkingReason } from './parking-lot';
import type { ParkingPolicy, RetryPolicy } from './parking-policy';

export interface Ladder {
  readonly retry: RetryPolicy;
  readonly parking: ParkingPolicy;
}

/**
 * The first steps of the ladder of failure, for a record whose partition waits for it: a few tries with full jitter, none for
 * what says that it is permanent; then out of the way, unless `refusal` says why not.
 */
export function groupJudge({ retry, parking }: Ladder, refusal: () => string | undefined): Judge {
  return ({ error, attempt }) => {
    if (error instanceof QueueFullError) return { kind: 'hold', delayMs: fullJitterMs(attempt, parking) };
    if (attempt < retry.attempts && !isPermanent(error))
      return { kind: 'hold', delayMs: fullJitterMs(attempt - 1, retry) };
    const because = refusal();
    return because === undefined
      ? { kind: 'setAside' }
      : { kind: 'hold', delayMs: fullJitterMs(attempt - 1, parking), because };
  };
}

/** Whether it says of itself that the same again cannot succeed. What a handler throws otherwise may pass. */
export function isPermanent(error: unknown): boolean {
  return error instanceof MillraceError && !error.retriable;
}

export function reasonFor({ error, attempt }: EffectFailure): ParkingReason {
  const kind =
    error instanceof UndecodableRecordError ? 'undecodable' : isPermanent(error) ? 'permanent' : 'exhausted';
  return {
    kind,
    name: error instanceof Error ? error.name : typeof error,
    message: wordsOf(error),
    attempts: attempt,
    ...(error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {}),
  };
}

/** The wait before a parked record is tried again, of which so many tries have failed. */
export function drainDelayMs({ retry, parking }: Ladder, attempts: number): number {
  return fullJitterMs(Math.max(0, attempts - retry.attempts), parking);
}
