import { MillraceError } from '@millrace/contracts';

/** An option or argument of a command cannot be used. */
export class InvalidOptionError extends MillraceError {
  override readonly name = 'InvalidOptionError';
  override readonly code = 'OPTION_INVALID';
  override readonly retriable = false;

  constructor(option: string, expected: string) {
    super(`${option}: expected ${expected}`, { context: { option } });
  }
}

/** Nothing answers at the producer's address, or the connection broke before the events had their answers. */
export class ProducerUnreachableError extends MillraceError {
  override readonly name = 'ProducerUnreachableError';
  override readonly code = 'PRODUCER_UNREACHABLE';
  override readonly retriable = true;

  constructor(url: string, { reason, answered, cause }: Interruption) {
    super(
      answered === 0
        ? `the producer does not answer at ${url} (${reason}). Is it running, and is PRODUCER_URL right?`
        : `the producer at ${url} broke off after ${answered} answers (${reason}): send the events from there on again, ` +
            'with the same ids',
      { context: { url, answered }, cause },
    );
  }
}

interface Interruption {
  readonly reason: string;
  /** How many events have their answer. */
  readonly answered: number;
  readonly cause?: unknown;
}

/** The producer refused the whole request, or something else answers at its address. */
export class ProducerRefusedError extends MillraceError {
  override readonly name = 'ProducerRefusedError';
  override readonly code = 'PRODUCER_REFUSED';
  override readonly retriable = false;

  constructor(url: string, status: number, detail: string | undefined) {
    const reason = detail ?? 'something other than a problem document; is PRODUCER_URL right?';
    super(`the producer at ${url} answered ${status}: ${reason}`, { context: { url, status } });
  }
}
