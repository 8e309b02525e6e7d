import { MillraceError } from '@millrace/contracts';
import type { Problem } from './answers';
import { exitCodes } from './exit-code';
import type { ExitCode } from './exit-code';
import { commandLine, refusalLines } from './wording';

/** Nothing answers at the replay service's address, or not in time. */
export class ReplayServiceUnreachableError extends MillraceError {
  override readonly name = 'ReplayServiceUnreachableError';
  override readonly code = 'REPLAY_SERVICE_UNREACHABLE';
  override readonly retriable = true;

  constructor(
    url: string,
    reason: string,
    options: { readonly cause: unknown; readonly mayHaveArrived: boolean },
  ) {
    const unknown = options.mayHaveArrived
      ? ` What was asked may have begun: see ${commandLine('replay list')}.`
      : '';
    super(
      `the replay service does not answer at ${url} (${reason}). Is it running, and is REPLAY_URL right?${unknown}`,
      { context: { url }, cause: options.cause },
    );
  }
}

/** Something answers at the address that is not the replay service. */
export class ReplayAnswerUnreadableError extends MillraceError {
  override readonly name = 'ReplayAnswerUnreadableError';
  override readonly code = 'REPLAY_ANSWER_UNREADABLE';
  override readonly retriable: boolean;

  constructor(url: string, status: number) {
    super(
      `expected JSON of the replay service from ${url}, got something else (${status}). Is REPLAY_URL right?`,
      {
        context: { url, status },
      },
    );
    // What stands before a service that restarts answers so: 502, 503, 504.
    this.retriable = status >= 500;
  }
}

/** What was asked for was refused before anything changed. */
const REFUSALS = ['replay-refused', 'replay-active', 'build-kept'];

/** The replay service answered with a problem: its detail, then its refusals with the way out of each. */
export class ReplayProblemError extends MillraceError {
  override readonly name = 'ReplayProblemError';
  override readonly code = 'REPLAY_PROBLEM';
  override readonly retriable: boolean;
  readonly exitCode: ExitCode;

  constructor(problem: Problem) {
    const { type, title, status, detail, refusals = [] } = problem;
    const lines = [
      detail ?? title ?? `the replay service answered ${status}`,
      ...refusals.flatMap(refusalLines),
    ];
    super(lines.join('\n'), { context: { type, status } });
    this.retriable = problem.retriable ?? status >= 500;
    this.exitCode = REFUSALS.some((slug) => type.endsWith(slug)) ? exitCodes.refused : exitCodes.error;
  }
}
