import { InvalidOptionError } from './errors';

/** A place in the log as a person names it. */
export type LogPlace =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'latest' }
  | { readonly kind: 'offset'; readonly offset: bigint }
  | { readonly kind: 'time'; readonly timestampMs: number };

const unitMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const expected =
  'earliest, latest, an offset, a time such as 2026-01-31T12:00:00Z, or one before now such as -10m (s, m, h, d)';

/** Reads a place. @throws InvalidOptionError */
export function parseLogPlace(option: string, text: string, nowMs: number = Date.now()): LogPlace {
  if (text === 'earliest' || text === 'latest') return { kind: text };
  if (/^\d{1,19}$/.test(text)) return { kind: 'offset', offset: BigInt(text) };
  const [, amount, unit = ''] = /^-(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (amount !== undefined) {
    return { kind: 'time', timestampMs: Math.max(0, nowMs - Number(amount) * (unitMs[unit] ?? 0)) };
  }
  // A date alone is a time in UTC; a time without an offset would mean another moment on another machine.
  const time = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)
    ? Date.parse(text)
    : NaN;
  if (Number.isNaN(time)) throw new InvalidOptionError(option, expected);
  return { kind: 'time', timestampMs: time };
}
