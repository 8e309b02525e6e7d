import type { Position } from './position';

/**
 * One record as it lies in the log. Headers are read one at a time and only when asked for: decoding them all
 * costs more than everything else on the way out of the log.
 */
export interface LogRecord extends Position {
  readonly key: Buffer | null;
  /** `null` is a tombstone. */
  readonly value: Buffer | null;
  /** The record's timestamp, in milliseconds since the epoch. */
  readonly timestampMs: number;
  /** The first header of that name as UTF-8 text, or `undefined`. */
  header(name: string): string | undefined;
}
