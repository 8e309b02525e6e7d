import type { ColumnType } from '@millrace/projecting';

/** What a value of a filter has to look like, by the type of its column; a json column has none. */
const FORMS: Readonly<
  Record<Exclude<ColumnType, 'json'>, { expected: string; is: (text: string) => boolean }>
> = {
  text: { expected: 'text of at most 2,600 characters, without NUL', is: isText },
  integer: { expected: 'a whole number of 32 bits', is: (text) => isWhole(text, 31n) },
  bigint: { expected: 'a whole number of 64 bits', is: (text) => isWhole(text, 63n) },
  double: { expected: 'a number such as -12.5 or 1e-3', is: isDouble },
  decimal: { expected: 'a decimal such as -12.30', is: (text) => /^-?\d{1,200}(\.\d{1,200})?$/.test(text) },
  boolean: { expected: 'true or false', is: (text) => text === 'true' || text === 'false' },
  timestamp: {
    expected: 'a time in ISO 8601 with its zone, such as 2001-01-31T12:30:00Z',
    is: isTimestamp,
  },
  date: { expected: 'a day such as 2001-01-31', is: isDate },
};

/** PostgreSQL has no index entry for much more, so no row of an index can be equal to it. */
const MAX_TEXT_LENGTH = 2_600;

/** What a value of a column of this type has to look like; `undefined` when such a column cannot be filtered. */
export function expectedValue(type: ColumnType): string | undefined {
  return type === 'json' ? undefined : FORMS[type].expected;
}

/** Whether a text is a value of that type in a form that PostgreSQL takes. */
export function isColumnValue(type: ColumnType, text: string): boolean {
  return type !== 'json' && FORMS[type].is(text);
}

function isText(text: string): boolean {
  return text.length <= MAX_TEXT_LENGTH && !text.includes('\0');
}

function isWhole(text: string, bits: bigint): boolean {
  if (!/^-?\d{1,19}$/.test(text)) return false;
  const value = BigInt(text);
  const limit = 1n << bits;
  return value >= -limit && value < limit;
}

function isDouble(text: string): boolean {
  if (!/^-?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,3})?$/.test(text)) return false;
  const value = Number(text);
  // PostgreSQL refuses what it would have to make nothing of.
  return Number.isFinite(value) && (value !== 0 || !/[1-9]/.test(text.replace(/[eE].*/, '')));
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || text.startsWith('0000')) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

function isTimestamp(text: string): boolean {
  const [, day, zone] =
    /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(Z|[+-]\d{2}:\d{2})$/.exec(text) ?? [];
  if (day === undefined || zone === undefined || !isDate(day)) return false;
  return !Number.isNaN(Date.parse(text)) && (zone === 'Z' || Number(zone.slice(1, 3)) < 16);
}
