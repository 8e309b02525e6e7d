import { MillraceError } from '@millrace/contracts';

/** A projection's definition contradicts itself. */
export class InvalidProjectionError extends MillraceError {
  override readonly name = 'InvalidProjectionError';
  override readonly code = 'INVALID_PROJECTION';
  override readonly retriable = false;

  constructor(projection: string, problems: readonly string[]) {
    super(`Projection ${projection} cannot be used: ${problems.join('; ')}.`, {
      context: { projection, problems },
    });
  }
}

/** A fold met an event that it cannot fold. */
export class FoldError extends MillraceError {
  override readonly name = 'FoldError';
  override readonly code = 'FOLD_FAILED';
  override readonly retriable = false;

  constructor(
    projection: string,
    at: { readonly topic: string; readonly partition: number; readonly offset: bigint },
    reason: string,
    cause?: unknown,
  ) {
    super(`Projection ${projection} cannot fold ${at.topic}/${at.partition}/${at.offset}: ${reason}`, {
      context: { projection, topic: at.topic, partition: at.partition, offset: String(at.offset) },
      cause,
    });
  }
}
