/** A file under schemas/, with its path from the workspace root and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** What is wrong in a source file, and where in it. */
export interface SourceProblem {
  readonly file: string;
  /** Where in the file, such as `topics[0].partitions` or `fields.departedAt`; empty for the file as a whole. */
  readonly at: string;
  readonly message: string;
}

/**
 * The schemas cannot be turned into code; carries every problem that was found. It is not a MillraceError because the
 * generator must run while libs/contracts, which it writes, does not load; this lib takes types alone from there.
 */
export class SchemaSourceError extends Error {
  override readonly name = 'SchemaSourceError';
  readonly problems: readonly SourceProblem[];

  constructor(problems: readonly SourceProblem[]) {
    super(problems.map(describeProblem).join('\n'));
    this.problems = problems;
  }
}

function describeProblem({ file, at, message }: SourceProblem): string {
  return at === '' ? `${file}: ${message}` : `${file}: ${at}: ${message}`;
}
