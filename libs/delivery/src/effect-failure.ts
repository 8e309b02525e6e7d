import type { LogRecord } from '@millrace/event';
import { fullJitterMs } from './backoff';
import type { Backoff } from './backoff';

/** The effects of one record failed, on their own: nothing before it was to blame. */
export interface EffectFailure {
  readonly record: LogRecord;
  readonly error: unknown;
  /** Counts from 1, for this record in this assignment. */
  readonly attempt: number;
}

/** What becomes of a record whose effects failed. */
export type Verdict =
  /** Its partition stands still, and the record comes again after `delayMs`. */
  | { readonly kind: 'hold'; readonly delayMs: number; readonly because?: string }
  /** Its partition stands still until it is opened again: once `over` resolves, which never rejects, or with its next assignment. */
  | { readonly kind: 'halt'; readonly over?: Promise<void>; readonly because?: string }
  /** It is taken out of the way, in the transaction that moves the position past it. */
  | { readonly kind: 'setAside' };

export type Judge = (failure: EffectFailure) => Verdict;

/** Holds at what waiting may mend, for as long as it takes, and halts at the rest. */
export function holdOrHalt(isTransient: (error: unknown) => boolean, backoff: Backoff): Judge {
  return ({ error, attempt }) =>
    isTransient(error) ? { kind: 'hold', delayMs: fullJitterMs(attempt - 1, backoff) } : { kind: 'halt' };
}

/**
 * Thrown by effects that know which of their records failed. What went before it is then committed as a group, instead of
 * record by record.
 */
export class RecordFailure extends Error {
  override readonly name = 'RecordFailure';

  constructor(
    readonly record: LogRecord,
    override readonly cause: unknown,
  ) {
    super(wordsOf(cause));
  }
}

/** What went wrong, whether or not it is known with which record. */
export function causeOf(error: unknown): unknown {
  return error instanceof RecordFailure ? error.cause : error;
}

/** For messages: an error's own words. */
export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
