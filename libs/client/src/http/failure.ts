import type { Problem, PublishOutcome } from '../errors';

/** Why one try did not bring an event into the log. */
export interface Failure {
  readonly outcome: PublishOutcome;
  /** Whether another try can succeed. */
  readonly retriable: boolean;
  /** One sentence for a person. */
  readonly reason: string;
  /** The answer, when there was one. */
  readonly problem?: Problem;
  /** No sooner than this shall another try begin. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}
