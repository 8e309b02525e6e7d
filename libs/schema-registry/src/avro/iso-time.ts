const dayMs = 86_400_000;
/** The span of JavaScript's Date, in milliseconds on either side of 1970. */
export const maxDateMs = 8_640_000_000_000_000;

const datePattern = /^([+-]\d{6}|\d{4})-(\d{2})-(\d{2})$/;
const instantPattern =
  /^([+-]\d{6}|\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?([Zz]|[+-]\d{2}:?\d{2})?$/;

/** Days since 1970-01-01 of an existing calendar day `YYYY-MM-DD`, or undefined. */
export function parseDate(text: string): number | undefined {
  const parts = datePattern.exec(text);
  return parts === null ? undefined : daysOf(parts[1] ?? '', parts[2] ?? '', parts[3] ?? '');
}

/** `YYYY-MM-DD`; years beyond four digits as ISO 8601 extends them, `+012345-01-01`. Undefined outside Date's span. */
export function formatDate(days: number): string | undefined {
  if (Math.abs(days * dayMs) > maxDateMs) return undefined;
  return new Date(days * dayMs).toISOString().split('T')[0];
}

/** How an ISO 8601 time is read: `zone` says whether an offset must be there or may be missing (then it is UTC). */
export interface InstantFormat {
  readonly zone: 'required' | 'optional';
  /** Digits of a second that are kept; other digits than zeros beyond them are refused, not cut. */
  readonly digits: 3 | 6;
}

/** An ISO 8601 time in units of 10^-digits seconds since 1970-01-01T00:00Z, or undefined. */
export function parseInstant(text: string, { zone, digits }: InstantFormat): bigint | undefined {
  const parts = instantPattern.exec(text);
  if (parts === null) return undefined;
  const days = daysOf(parts[1] ?? '', parts[2] ?? '', parts[3] ?? '');
  const [hours, minutes, seconds] = [Number(parts[4]), Number(parts[5]), Number(parts[6] ?? 0)];
  const fraction = parts[7] ?? '';
  const offset = parts[8] === undefined ? (zone === 'optional' ? 0 : undefined) : offsetMinutes(parts[8]);
  if (days === undefined || offset === undefined || hours > 23 || minutes > 59 || seconds > 59)
    return undefined;
  if (/[^0]/.test(fraction.slice(digits))) return undefined;
  const totalSeconds = days * 86_400 + hours * 3_600 + (minutes - offset) * 60 + seconds;
  return BigInt(totalSeconds) * 10n ** BigInt(digits) + BigInt(fraction.slice(0, digits).padEnd(digits, '0'));
}

function daysOf(year: string, month: string, day: string): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  // Date carries 30 February over into March: such a day does not exist.
  const exists = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return exists && year !== '-000000' ? Math.round(date.getTime() / dayMs) : undefined;
}

function offsetMinutes(zone: string): number | undefined {
  if (zone === 'Z' || zone === 'z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}
