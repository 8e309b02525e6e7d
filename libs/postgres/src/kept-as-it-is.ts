import type { ColumnType, ProjectionShape, State } from '@millrace/projecting';

const DATE = /^\d{4}-\d\d-\d\d$/;
/** As PostgreSQL writes a number: no sign before a zero, no exponent, no zeros in front. */
const DECIMAL = /^(?!-[0.]+$)-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

const KEPT: Readonly<Record<ColumnType, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string' && value.isWellFormed(),
  integer: (value) => Number.isInteger(value) && !Object.is(value, -0),
  bigint: (value) => typeof value === 'bigint',
  double: (value) => typeof value === 'number',
  decimal: (value) => typeof value === 'string' && DECIMAL.test(value),
  boolean: (value) => typeof value === 'boolean',
  timestamp: (value) => value instanceof Date,
  date: (value) => typeof value === 'string' && DATE.test(value),
  // Its members come back in another order.
  json: () => false,
};

/**
 * Whether the database gives a state back as the fold gave it, so that it makes no difference for the next fold which of the
 * two it is shown: nothing left out, nothing beside the columns, no other type, no other way to write the same.
 */
export function isKeptAsItIs(shape: ProjectionShape, state: State): boolean {
  let members = 0;
  for (const _ in state) members += 1;
  if (members !== shape.columns.length) return false;
  return shape.columns.every(({ name, type }) => {
    const value = state[name];
    return value === null || KEPT[type](value);
  });
}
