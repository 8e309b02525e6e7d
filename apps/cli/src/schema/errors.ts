import { MillraceError } from '@millrace/contracts';
import type { SourceProblem } from '@millrace/schema-sources';

/** There is no schemas/ where the command was started. */
export class SchemasNotFoundError extends MillraceError {
  override readonly name = 'SchemasNotFoundError';
  override readonly code = 'SCHEMAS_NOT_FOUND';
  override readonly retriable = false;

  constructor(path: string, cause?: unknown) {
    super(`no ${path} in ${process.cwd()}: run this in the root of the workspace`, {
      context: { path },
      cause,
    });
  }
}

/** The files under schemas/ do not make a catalogue. */
export class SchemasInvalidError extends MillraceError {
  override readonly name = 'SchemasInvalidError';
  override readonly code = 'SCHEMAS_INVALID';
  override readonly retriable = false;

  constructor(where: string, problems: readonly SourceProblem[]) {
    super(`the schemas of ${where} cannot be read: ${problems.map(describeProblem).join('; ')}`, {
      context: { where },
    });
  }
}

/** Git could not do what a comparison with a ref needs. */
export class GitFailedError extends MillraceError {
  override readonly name = 'GitFailedError';
  override readonly code = 'GIT_FAILED';
  override readonly retriable = false;

  constructor(what: string, reason: string, cause?: unknown) {
    super(`git could not ${what}: ${reason}`, { context: { what, reason }, cause });
  }
}

/** A problem of a source file in one line. */
export function describeProblem({ file, at, message }: SourceProblem): string {
  return at === '' ? `${file}: ${message}` : `${file}: ${at}: ${message}`;
}
