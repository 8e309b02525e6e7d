import { MillraceError } from '@millrace/contracts';

/** The environment does not fit the definition. Names every problem at once, and no secret's value. */
export class ConfigurationError extends MillraceError {
  override readonly name = 'ConfigurationError';
  override readonly code = 'CONFIGURATION_INVALID';
  override readonly retriable = false;
  /** One sentence for each variable that is wrong, in the order of the definition. */
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(
      `the configuration is invalid; set these environment variables right and start again:\n${problems
        .map((problem) => `  ${problem}`)
        .join('\n')}`,
      { context: { problems } },
    );
    this.problems = problems;
  }
}
