import { dayOf } from '@millrace/projecting';
import type { ColumnType, ProjectionShape, State } from '@millrace/projecting';

/** As PostgreSQL writes a number: no sign before a zero, no exponent, no zeros in front. */
const DECIMAL = /^(?!-[0.]+$)-?(?:0|[1-9]\d*)(?:\.\d+)?$/;
/** Of `YYYY-MM-DD`; years beyond 9999 have more digits, and come back so. */
const DAY_LENGTH = 10;
/** Far from where PostgreSQL's own limits lie. */
const MAX_DECIMAL_LENGTH = 1_000;

const PLAIN: Readonly<Record<ColumnType, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string' && value.isWellFormed(),
  integer: (value) => typeof value === 'number' && (value | 0) === value && !Object.is(value, -0),
  bigint: (value) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  // The driver writes a zero without its sign.
  double: (value) => typeof value === 'number' && !Object.is(value, -0),
  decimal: (value) => typeof value === 'string' && value.length <= MAX_DECIMAL_LENGTH && DECIMAL.test(value),
  boolean: (value) => typeof value === 'boolean',
  timestamp: (value) => value instanceof Date && !Number.isNaN(value.getTime()),
  date: (value) => typeof value === 'string' && value.length === DAY_LENGTH && dayOf(value) !== undefined,
  json: (value) => value !== undefined,
};

/** Whether each column has a value, of the type that its values have when they are read, and written as those are; or null. */
export function isPlain(shape: ProjectionShape, state: State): boolean {
  for (const { name, type } of shape.columns) {
    const value = state[name];
    if (value !== null && !PLAIN[type](value)) return false;
  }
  return true;
}

/**
 * Whether the database gives a plain state back as the fold gave it, so that it makes no difference for the next fold which of
 * the two it is shown: there is nothing beside the columns, and no JSON, whose members come back in another order.
 */
export function isKeptAsItIs({ columns }: ProjectionShape, state: State): boolean {
  let members = 0;
  for (const _ in state) members += 1;
  return (
    members === columns.length && columns.every(({ name, type }) => type !== 'json' || state[name] === null)
  );
}
