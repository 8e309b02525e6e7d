import { MillraceError } from '@millrace/contracts';

/** Somebody decided about an event that no build of the projection stands before. */
export class NotParkedError extends MillraceError {
  override readonly name = 'NotParkedError';
  override readonly code = 'NOT_PARKED';
  override readonly retriable = false;

  constructor(projection: string, what: string) {
    super(
      `Projection ${projection}: ${what}. Nothing was changed; what is parked now, millrace projections parked ${projection} lists.`,
      { context: { projection } },
    );
  }
}
