/** What every error of the platform can say about where it happened. Never a payload, never a secret. */
export type ErrorContext = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>;

export interface MillraceErrorOptions {
  /** Where it happened: topic, partition, offset, subject, variable, file. */
  readonly context?: ErrorContext;
  readonly cause?: unknown;
}

/**
 * The one base of the platform's errors. A subclass fixes `name` and a literal `code` (both unique across the
 * workspace, a test asserts it) and says whether the same call can succeed when it is tried again unchanged.
 * The message says what failed, where, what was expected and got, and what to do next.
 */
export abstract class MillraceError extends Error {
  abstract override readonly name: string;
  abstract readonly code: string;
  /** True when the same call may succeed later without any change to its input. */
  abstract readonly retriable: boolean;
  readonly context: ErrorContext;

  constructor(message: string, options: MillraceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.context = options.context ?? {};
  }
}
