import type { ColumnType, Projection, State } from '@millrace/projecting';
import { types } from 'node:util';
import { copyValue } from './copy-value';

/** What a column takes, so that the database gives back the value that it was given. */
interface Taken {
  readonly expected: string;
  readonly fits: (value: unknown) => boolean;
}

const INTEGER_LIMIT = 2 ** 31;
const BIGINT_LIMIT = 2n ** 63n;
const MAX_JSON_BYTES = 65_536;
const DECIMAL = /^[+-]?\d+(\.\d+)?$/;
/** PostgreSQL's timestamps begin in 4713 BC; JavaScript's end before PostgreSQL's. */
const FIRST_TIMESTAMP_MS = Date.UTC(-4712, 0, 1);

const TAKEN: Readonly<Record<ColumnType, Taken>> = {
  text: {
    expected: 'text without U+0000 and without half a surrogate pair',
    fits: isText,
  },
  integer: {
    expected: 'a whole number of 32 bits',
    fits: (value) => Number.isInteger(value) && isBelow(value as number, INTEGER_LIMIT),
  },
  bigint: {
    expected: 'a bigint of 64 bits',
    fits: (value) => typeof value === 'bigint' && isBelow(value, BIGINT_LIMIT),
  },
  double: { expected: 'a number', fits: (value) => typeof value === 'number' },
  decimal: {
    expected: 'a number as text, in plain digits, such as -12.30',
    fits: (value) => typeof value === 'string' && DECIMAL.test(value),
  },
  date: { expected: 'a day as text, YYYY-MM-DD', fits: isDate },
  json: {
    expected: `plain JSON of at most ${MAX_JSON_BYTES} bytes`,
    fits: (value) => isJson(value) && Buffer.byteLength(JSON.stringify(value)) <= MAX_JSON_BYTES,
  },
  boolean: { expected: 'a boolean', fits: (value) => typeof value === 'boolean' },
  timestamp: {
    expected: 'a valid Date from 4713 BC on',
    fits: (value) => types.isDate(value) && value.getTime() >= FIRST_TIMESTAMP_MS,
  },
};

/** JSON that says the same when it is read again: no NaN, no Date, nothing that is left out. */
function isJson(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) {
    const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
    return isPlain && Object.entries(value).every(([name, member]) => isText(name) && isJson(member));
  }
  return value === null || typeof value === 'boolean' || Number.isFinite(value) || isText(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && !value.includes('\0') && value.isWellFormed();
}

function isDate(value: unknown): boolean {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  const day = new Date(value);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value) && !value.startsWith('0000');
}

function isBelow<Size extends number | bigint>(value: Size, limit: Size): boolean {
  return value < limit && value >= -limit;
}

/** Why a key cannot be one, or undefined. */
export function findUnfitKey(key: unknown): string | undefined {
  return TAKEN.text.fits(key) ? undefined : `expected ${TAKEN.text.expected}`;
}

/** The first column that cannot hold its value, with what it can hold; undefined when all can. */
export function findUnfitColumn(
  { columns, kind }: Projection,
  state: State,
): { readonly name: string; readonly expected: string } | undefined {
  for (const { name, type } of columns) {
    const value = state[name] ?? null;
    const { expected, fits } = TAKEN[type];
    // An aggregate's columns are NOT NULL: there would be nothing to merge.
    if (value === null ? kind === 'aggregate' : !fits(value))
      return { name, expected: `${type}: ${expected}` };
  }
  return undefined;
}

/** The state as the next batch finds it in the database: its columns alone, `null` where nothing was set. */
export function readBack({ columns }: Projection, state: State): State {
  return Object.fromEntries(
    columns.map(({ name, type }) => {
      const value = state[name] ?? null;
      return [name, type === 'json' ? inStoredOrder(value) : value === 0 ? 0 : copyValue(value)];
    }),
  );
}

/** Of members PostgreSQL's jsonb keeps the shorter name first, then the lesser. */
function inStoredOrder(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value === 0 ? 0 : value;
  if (Array.isArray(value)) return value.map(inStoredOrder);
  const members = Object.entries(value).sort(([a], [b]) =>
    Buffer.byteLength(a) === Buffer.byteLength(b)
      ? Buffer.compare(Buffer.from(a), Buffer.from(b))
      : Buffer.byteLength(a) - Buffer.byteLength(b),
  );
  return Object.fromEntries(members.map(([name, member]) => [name, inStoredOrder(member)]));
}
