import type { Position } from './position';
import { textBetween } from './text-between';

/** A header's name and its bytes; `null` when it has no value. */
export type RawHeader = readonly [name: string, value: Buffer | null];

/** Where a key, a value, or a header's value lies: in `bytes`, from `from` up to, and without, `to`. */
export interface ByteRange {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
}

/**
 * One record as it lies in the log. Headers are read one at a time and only when asked for: decoding them all
 * costs more than everything else on the way out of the log. A buffer for each key and value comes next: whoever reads
 * many records takes where their bytes lie.
 */
export interface LogRecord extends Position {
  readonly key: Buffer | null;
  /** `null` is a tombstone. */
  readonly value: Buffer | null;
  /** The key as bytes, where they lie. */
  keyBytes(): ByteRange | null;
  /** The value as bytes, where they lie; `null` is a tombstone. */
  valueBytes(): ByteRange | null;
  /** The record's timestamp, in milliseconds since the epoch. */
  readonly timestampMs: number;
  /** The first header of that name as UTF-8 text, or `undefined`, also when it has no value. */
  header(name: string): string | undefined;
  /** The same as bytes, where they lie: for whoever compares values and needs no text of them. */
  headerBytes(name: string): ByteRange | undefined;
  /** Whether there is a first header of each of these names, and it has a value. */
  hasHeaders(names: readonly string[]): boolean;
  /** Every header as it lies in the log: by name and in bytes, those of one name in their order. */
  rawHeaders(): readonly RawHeader[];
}

/** All of these bytes, for a record that does not lie in one piece. */
export function byteRangeOf(value: Buffer): ByteRange;
export function byteRangeOf<None extends null | undefined>(value: Buffer | None): ByteRange | None;
export function byteRangeOf(value: Buffer | null | undefined): ByteRange | null | undefined {
  return value && { bytes: value, from: 0, to: value.length };
}

/** The text of these bytes, as UTF-8. */
export function textOf({ bytes, from, to }: ByteRange): string {
  return textBetween(bytes, from, to);
}
