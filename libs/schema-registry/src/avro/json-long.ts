import { isLong } from './long-type';

/** A long from parsed JSON: a safe integer, a bigint, or a string of decimal digits. Undefined for anything else. */
export function longFromJson(input: unknown): bigint | undefined {
  if (typeof input === 'number') return Number.isSafeInteger(input) ? BigInt(input) : undefined;
  const value = typeof input === 'string' && /^-?\d{1,20}$/.test(input) ? BigInt(input) : input;
  return isLong(value) ? value : undefined;
}
