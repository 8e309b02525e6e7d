import { describeValue, maxProblems, toPointer } from '../payload-problem';
import type { PayloadProblem } from '../payload-problem';

/**
 * Reads one JSON value into its native form; reports what does not fit and goes on, so that one pass finds all
 * problems. What it returns then is never used.
 */
export type JsonReader = (input: unknown, context: ReadContext) => unknown;

/** Where in the payload a reader is, and what was found wrong so far. Used for one payload. */
export class ReadContext {
  readonly path: (string | number)[] = [];
  readonly problems: PayloadProblem[] = [];

  /** True when enough is known to be wrong: readers of long lists stop then. */
  get full(): boolean {
    return this.problems.length >= maxProblems;
  }

  report(expected: string, input: unknown): undefined {
    if (!this.full) this.problems.push({ path: toPointer(this.path), expected, got: describeValue(input) });
    return undefined;
  }

  /** Reads a part of the value under its name or index. */
  readInside(segment: string | number, input: unknown, read: JsonReader): unknown {
    this.path.push(segment);
    const value = read(input, this);
    this.path.pop();
    return value;
  }

  reportInside(segment: string | number, expected: string, input: unknown): void {
    this.readInside(segment, input, (value, context) => context.report(expected, value));
  }
}
