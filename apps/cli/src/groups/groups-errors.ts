import { MillraceError } from '@millrace/contracts';

/** Nothing answers at the consumer's address, or not in time. */
export class ConsumerUnreachableError extends MillraceError {
  override readonly name = 'ConsumerUnreachableError';
  override readonly code = 'CONSUMER_UNREACHABLE';
  override readonly retriable = true;

  constructor(url: string, reason: string, cause: unknown) {
    super(`the consumer does not answer at ${url} (${reason}). Is it running, and is CONSUMER_URL right?`, {
      context: { url },
      cause,
    });
  }
}

/** Something answers at the address that is not a consumer. */
export class ConsumerAnswerUnreadableError extends MillraceError {
  override readonly name = 'ConsumerAnswerUnreadableError';
  override readonly code = 'CONSUMER_ANSWER_UNREADABLE';
  override readonly retriable: boolean;

  constructor(url: string, status: number) {
    super(
      `expected groups from a consumer at ${url}, got something else (${status}). Is CONSUMER_URL right?`,
      {
        context: { url, status },
      },
    );
    // What stands before a service that restarts answers so: 502, 503, 504.
    this.retriable = status >= 500;
  }
}

/** The consumer answered with a problem, such as a group that it does not host. */
export class ConsumerProblemError extends MillraceError {
  override readonly name = 'ConsumerProblemError';
  override readonly code = 'CONSUMER_PROBLEM';
  override readonly retriable: boolean;

  constructor(
    url: string,
    problem: {
      readonly status: number;
      readonly type?: string;
      readonly detail?: string;
      readonly retriable?: boolean;
    },
  ) {
    const { status, type = 'about:blank', detail = `the consumer answered ${status}` } = problem;
    const elsewhere = type.endsWith('group-not-found')
      ? ` That is the consumer at ${url}; CONSUMER_URL names another one.`
      : '';
    super(`${detail}${elsewhere}`, { context: { type, status } });
    this.retriable = problem.retriable ?? status >= 500;
  }
}
