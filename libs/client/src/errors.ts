import { MillraceError } from '@millrace/contracts';

/**
 * What is known of an event that was not acknowledged. `refused`: it was looked at and not taken. `not-written`: it is not
 * in the log and, unless it is published again, never will be. `unknown`: it may be there, or may still get there; publish
 * it again with the same source and id, and readers drop the repeat.
 */
export type PublishOutcome = 'refused' | 'not-written' | 'unknown';

/** A problem (RFC 9457) in the words of the producer. */
export interface Problem {
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
  readonly detail?: string;
  readonly retriable?: boolean;
  readonly outcome?: string;
  /** What is wrong with a payload or an attribute; never a value. */
  readonly errors?: readonly { readonly path: string; readonly expected: string; readonly got: string }[];
}

/** Names an event in an error. */
export interface EventName {
  readonly type: string;
  readonly id: string;
}

/** The event was looked at and is not taken: publishing it again as it is does not help. */
export class PublishRefusedError extends MillraceError {
  override readonly name = 'PublishRefusedError';
  override readonly code = 'PUBLISH_REFUSED';
  override readonly retriable = false;
  /** `refused`, unless an earlier try of the same call may have reached the log or nothing could be written at all. */
  readonly outcome: PublishOutcome;
  /** The producer's own words; without a status when the event was refused in this process. */
  readonly problem: Problem;

  constructor(
    { type, id }: EventName,
    {
      outcome,
      problem,
      cause,
    }: { readonly outcome: PublishOutcome; readonly problem: Problem; readonly cause?: unknown },
  ) {
    super(`${type} ${id} was refused: ${problem.detail ?? problem.title ?? 'without a reason'}`, {
      context: { type, id, outcome, problem: problem.type, status: problem.status },
      cause,
    });
    this.outcome = outcome;
    this.problem = problem;
  }
}

/** The log did not acknowledge the event in time. */
export class PublishDeadlineError extends MillraceError {
  override readonly name = 'PublishDeadlineError';
  override readonly code = 'PUBLISH_DEADLINE';
  override readonly retriable = true;

  constructor(
    { type, id }: EventName,
    readonly outcome: PublishOutcome,
    why: { readonly waitedMs: number; readonly lastFailure?: string | undefined; readonly cause?: unknown },
  ) {
    super(
      `${type} ${id} was not acknowledged within ${Math.round(why.waitedMs)} ms; ` +
        (outcome === 'unknown'
          ? 'it may or may not be in the log: publish it again with the same source and id, readers drop the repeat.'
          : 'it is not in the log: publish it again when you like.') +
        (why.lastFailure === undefined ? '' : ` The last try: ${why.lastFailure}`),
      { context: { type, id, outcome }, cause: why.cause },
    );
  }
}

/** The caller's signal aborted before the event was acknowledged; the signal's reason is the cause. */
export class PublishAbortedError extends MillraceError {
  override readonly name = 'PublishAbortedError';
  override readonly code = 'PUBLISH_ABORTED';
  override readonly retriable = true;

  constructor(
    { type, id }: EventName,
    readonly outcome: PublishOutcome,
    reason: unknown,
  ) {
    super(
      `${type} ${id} was given up by its caller; ` +
        (outcome === 'unknown' ? 'it may or may not be in the log.' : 'it is not in the log.'),
      { context: { type, id, outcome }, cause: reason },
    );
  }
}

/**
 * The event was turned away for now, while a later one of its key was taken: a further try would put it behind that one.
 * It is left to the caller whether to publish it all the same.
 */
export class PublishOvertakenError extends MillraceError {
  override readonly name = 'PublishOvertakenError';
  override readonly code = 'PUBLISH_OVERTAKEN';
  override readonly retriable = true;

  constructor(
    { type, id }: EventName,
    readonly outcome: PublishOutcome,
    lastFailure: string,
  ) {
    super(
      `${type} ${id} was not taken, and a later event of its key was: it was not tried again, because it would now lie ` +
        `behind that one. Publish it again if it still makes sense there. The try: ${lastFailure}`,
      { context: { type, id, outcome } },
    );
  }
}

/** More waits for the log than the publisher may hold; the event was not taken. Wait for `room`. */
export class PublisherFullError extends MillraceError {
  override readonly name = 'PublisherFullError';
  override readonly code = 'PUBLISHER_FULL';
  override readonly retriable = true;
  readonly outcome = 'not-written';

  constructor(
    { type, id }: EventName,
    held: { readonly events: number; readonly bytes: number },
    cause?: unknown,
  ) {
    super(
      `${type} ${id} was not taken: ${held.events} events (${held.bytes} bytes) wait for the log already. ` +
        'Wait for room() before publishing more, or use publishAll.',
      { context: { type, id, ...held }, cause },
    );
  }
}

/** The publisher was closed; the event was not taken. */
export class PublisherClosedError extends MillraceError {
  override readonly name = 'PublisherClosedError';
  override readonly code = 'PUBLISHER_CLOSED';
  override readonly retriable = false;
  readonly outcome = 'not-written';

  constructor({ type, id }: EventName) {
    super(`${type} ${id} was not taken: the publisher is closed. Publish through another one.`, {
      context: { type, id },
    });
  }
}

/** Everything that `publish` rejects with; `code` tells them apart. */
export type PublishError =
  | PublishRefusedError
  | PublishDeadlineError
  | PublishAbortedError
  | PublishOvertakenError
  | PublisherFullError
  | PublisherClosedError;

/** Whether an error is one that `publish` rejects with. */
export function isPublishError(error: unknown): error is PublishError {
  return error instanceof MillraceError && 'outcome' in error && error.code.startsWith('PUBLISH');
}
