import type { Position } from './position';

/** A header's name and its bytes; `null` when it has no value. */
export type RawHeader = readonly [name: string, value: Buffer | null];

/** Where a header's value lies: in `bytes`, from `from` up to, and without, `to`. */
export interface HeaderBytes {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

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
  /** The first header of that name as UTF-8 text, or `undefined`, also when it has no value. */
  header(name: string): string | undefined;
  /** The same as bytes, where they lie: for whoever compares values and needs no text of them. */
  headerBytes(name: string): HeaderBytes | undefined;
  /** Every header as it lies in the log: by name and in bytes, those of one name in their order. */
  rawHeaders(): readonly RawHeader[];
}

/** All of a header's value, for a record whose headers do not lie in one piece. */
export function headerBytesOf(value: Buffer | string | undefined): HeaderBytes | undefined {
  if (value === undefined) return undefined;
  const bytes = Buffer.from(value);
  return { bytes, from: 0, to: bytes.length };
}
