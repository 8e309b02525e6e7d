import type { Projection, ProjectionColumn, State } from './projection';

/** A row is loaded and written whole for each chunk that changes it. */
export const MAX_JSON_BYTES = 65_536;

const INT64_MAX = 2n ** 63n - 1n;
const DECIMAL = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|infinity|nan)$/i;
const DATE = /^(\d{4,6})-(\d\d)-(\d\d)$/;
/** What JSON writes for NUL and for halves of a surrogate pair, behind an even number of backslashes: jsonb takes neither. */
const NO_JSONB = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

/**
 * Why a state cannot be a row, in words; undefined when it can. Asked after each event, of what it changed: were it left to the
 * database, an event would be refused or not by what follows it in the same transaction, and two builds would differ.
 */
export function unstorable(projection: Projection, before: State, after: State): string | undefined {
  for (const column of projection.columns) {
    const value = after[column.name];
    if (value === before[column.name] && value !== null) continue;
    const problem =
      value === null || value === undefined
        ? projection.kind === 'aggregate' && 'nothing, and an aggregate has a value in each'
        : problemOf(column, value);
    if (typeof problem === 'string') return `gave column ${column.name} ${problem}`;
  }
  return undefined;
}

function problemOf({ type }: ProjectionColumn, value: unknown): string | false {
  switch (type) {
    case 'text':
      return typeof value === 'string' && value.includes('\0') && 'a text with a NUL in it';
    case 'integer':
      if (typeof value === 'number') return (value | 0) !== value && 'a number that is no 32-bit integer';
      return typeof value === 'bigint' && BigInt.asIntN(32, value) !== value && 'more than a 32-bit integer';
    case 'bigint':
      if (typeof value === 'number')
        return !Number.isSafeInteger(value) && 'a number that is no safe integer';
      return (
        typeof value === 'bigint' &&
        (value > INT64_MAX || value < -INT64_MAX - 1n) &&
        'more than a 64-bit integer'
      );
    case 'decimal':
      return typeof value === 'string' && !DECIMAL.test(value) && 'a text that is no decimal number';
    case 'timestamp':
      return value instanceof Date && Number.isNaN(value.getTime()) && 'an invalid date';
    case 'date':
      return typeof value === 'string' && dayOf(value) === undefined && 'a text that is no day as YYYY-MM-DD';
    case 'json':
      return problemOfJson(value);
    case 'double':
    case 'boolean':
      return false;
  }
}

function problemOfJson(value: unknown): string | false {
  let text: unknown;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    return `what is no JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
  if (typeof text !== 'string') return 'what is no JSON';
  const sizeBytes = Buffer.byteLength(text);
  if (sizeBytes > MAX_JSON_BYTES) {
    return `${sizeBytes} bytes of JSON, and a row holds ${MAX_JSON_BYTES} of it at most. Keep less, or make what grows a projection of its own`;
  }
  return NO_JSONB.test(text) && 'JSON with a NUL or half a surrogate pair in it';
}

/** The midnight, in UTC, that a day as `YYYY-MM-DD` begins with; undefined for what is no day of the year 1 or later. */
export function dayOf(text: string): Date | undefined {
  const [, year, month, day] = (DATE.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const date = new Date(Date.UTC(2000, month - 1, day));
  // Only the year says whether February has 29 days; a year below 100 would be taken for one of the last century.
  date.setUTCFullYear(year, month - 1, day);
  return year >= 1 && month >= 1 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
    ? date
    : undefined;
}
