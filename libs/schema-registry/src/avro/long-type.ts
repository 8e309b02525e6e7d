import avsc from 'avsc';
import { CorruptBodyError } from './tap';
import type { InvalidHook, Tap } from './tap';

const minLong = -(2n ** 63n);
const maxLong = 2n ** 63n - 1n;
/**
 * What avsc's own number arithmetic reads and writes exactly. Beyond it, up to the 2^53 that it accepts, it doubles a
 * number past what a double holds, and writes another one.
 */
const fastLimit = 2n ** 52n;
const fastLimitNumber = 2 ** 52;

/** True for a bigint that fits in 64 bits. */
export function isLong(value: unknown): value is bigint {
  return typeof value === 'bigint' && value >= minLong && value <= maxLong;
}

// `__with` is avsc's hook for longs beyond 2^53. Its instances go through an 8-byte buffer for each value; the class
// behind them can be extended, which keeps the number arithmetic for all but the largest values (5 times as fast).
const plain = avsc.types.LongType.__with({
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  fromJSON: BigInt,
  toJSON: Number,
  isValid: isLong,
  compare: (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1),
});
const AbstractLongType = plain.constructor as new () => avsc.types.LongType;

class BigIntLongType extends AbstractLongType {
  _isValid(value: unknown): boolean {
    return isLong(value);
  }

  /** Defaults are written as JSON numbers; copies of values are bigints already. */
  _copy(value: number | bigint): bigint {
    return BigInt(value);
  }

  _toJSON(value: bigint): number {
    return Number(value);
  }

  _fromJSON(value: number): bigint {
    return BigInt(value);
  }

  _check(value: unknown, _flags: unknown, hook?: InvalidHook): boolean {
    const valid = isLong(value);
    if (!valid && hook !== undefined) hook(value, this);
    return valid;
  }

  _read(tap: Tap): bigint {
    const end = findEnd(tap);
    return isShort(tap, end) ? BigInt(tap.readLong()) : readLarge(tap, end);
  }

  _write(tap: Tap, value: unknown): void {
    if (!isLong(value)) throw new TypeError('expected a bigint of 64 bits');
    if (value < fastLimit && value > -fastLimit) tap.writeLong(Number(value));
    else writeLarge(tap, value);
  }
}

/** The Avro type `long` as bigint, over the whole range. One instance serves every schema. */
export const bigIntLongType = Object.freeze(new BigIntLongType());

/** Reads a long as number: exact up to 2^53, rounded beyond. */
export function readLongAsNumber(tap: Tap): number {
  const end = findEnd(tap);
  return isShort(tap, end) ? tap.readLong() : Number(readLarge(tap, end));
}

/** Writes an integer of at most 2^53. */
export function writeLongAsNumber(tap: Tap, value: number): void {
  if (value < fastLimitNumber && value > -fastLimitNumber) tap.writeLong(value);
  else writeLarge(tap, BigInt(value));
}

/** Where the last byte of the long is. */
function findEnd({ buf, pos }: Tap): number {
  let end = pos;
  while (((buf[end] ?? 0) & 0x80) !== 0) end += 1;
  return end;
}

/** Seven bytes hold 49 bits. */
function isShort(tap: Tap, end: number): boolean {
  return end - tap.pos < 7;
}

function readLarge(tap: Tap, end: number): bigint {
  if (end - tap.pos > 9) throw new CorruptBodyError('a long of more than ten bytes');
  let low = 0;
  let middle = 0;
  let high = 0;
  for (let index = 0; index <= end - tap.pos; index += 1) {
    const bits = (tap.buf[tap.pos + index] ?? 0) & 0x7f;
    if (index < 4) low += bits * 128 ** index;
    else if (index < 8) middle += bits * 128 ** (index - 4);
    else high += bits * 128 ** (index - 8);
  }
  if (high > 255) throw new CorruptBodyError('a long of more than 64 bits');
  tap.pos = end + 1;
  const zigzag = (BigInt(high) << 56n) | (BigInt(middle) << 28n) | BigInt(low);
  return (zigzag >> 1n) ^ -(zigzag & 1n);
}

function writeLarge(tap: Tap, value: bigint): void {
  let zigzag = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  while (zigzag > 0x7fn) {
    tap.buf[tap.pos] = Number(zigzag & 0x7fn) | 0x80;
    tap.pos += 1;
    zigzag >>= 7n;
  }
  tap.buf[tap.pos] = Number(zigzag);
  tap.pos += 1;
}
