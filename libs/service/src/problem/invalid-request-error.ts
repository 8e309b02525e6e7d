import { MillraceError } from '@millrace/contracts';

/** A request's body or query is not what it has to be. */
export class InvalidRequestError extends MillraceError {
  override readonly name = 'InvalidRequestError';
  override readonly code = 'INVALID_REQUEST';
  override readonly retriable = false;

  constructor(expected: string) {
    super(`The request cannot be used: expected ${expected}.`);
  }
}
