/**
 * avsc's cursor over a buffer. It is not exported, but every type's `_read` and `_write` gets one; this is what the
 * types of this lib use of it. Reading past the end is silent: whoever owns the buffer checks `pos` afterwards.
 */
export interface Tap {
  readonly buf: Buffer;
  pos: number;
  readLong(): number;
  skipLong(): void;
  writeLong(value: number): void;
  readString(): string;
  skipString(): void;
  writeString(value: string): void;
  readBytes(): Buffer | undefined;
  writeBytes(value: Buffer): void;
  writeFixed(value: Buffer, length: number): void;
}

/** Called by avsc's `isValid` for every part of a value that does not fit. */
export type InvalidHook = (value: unknown, type: unknown) => void;

/** The members of avsc's types that it documents for subclasses or calls on them, and its typings leave out. */
export interface AvroInternals {
  _read(tap: Tap): unknown;
  _write(tap: Tap, value: unknown): void;
  _skip(tap: Tap): void;
}

/** Something in the bytes that no writer of this schema could have written. Never says what the bytes were. */
export class CorruptBodyError extends Error {
  override readonly name = 'CorruptBodyError';
}
