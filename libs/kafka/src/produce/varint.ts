/**
 * The signed integers of variable length of Kafka's records: zigzag, then seven bits a byte, the lowest first.
 * Source: Kafka protocol guide, "Protocol Primitive Types", VARINT and VARLONG; the two differ only in range.
 */

const MORE = 0x80;
const BITS = 0x7f;

/** The bytes that `writeVarint` needs. Any safe integer; both are fastest within 32 bits. */
export function varintSize(value: number): number {
  if ((value | 0) !== value) return longSize(zigzagLong(value));
  let rest = zigzag(value);
  let size = 1;
  while (rest > BITS) {
    rest >>>= 7;
    size += 1;
  }
  return size;
}

/** Writes a safe integer at `at`, and gives the place after it. There must be room. */
export function writeVarint(target: Uint8Array, at: number, value: number): number {
  if ((value | 0) !== value) return writeLong(target, at, zigzagLong(value));
  let rest = zigzag(value);
  let next = at;
  while (rest > BITS) {
    target[next++] = (rest & BITS) | MORE;
    rest >>>= 7;
  }
  target[next++] = rest;
  return next;
}

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

function zigzagLong(value: number): bigint {
  const long = BigInt(value);
  return BigInt.asUintN(64, (long << 1n) ^ (long >> 63n));
}

function longSize(zigzagged: bigint): number {
  let size = 1;
  for (let rest = zigzagged >> 7n; rest > 0n; rest >>= 7n) size += 1;
  return size;
}

function writeLong(target: Uint8Array, at: number, zigzagged: bigint): number {
  let rest = zigzagged;
  let next = at;
  for (; rest > BigInt(BITS); rest >>= 7n) target[next++] = Number(rest & BigInt(BITS)) | MORE;
  target[next++] = Number(rest);
  return next;
}
