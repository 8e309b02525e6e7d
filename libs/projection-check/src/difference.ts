import { compareDecimals } from '@millrace/projecting';
import type { ColumnType, Projection } from '@millrace/projecting';
import { isDeepStrictEqual } from 'node:util';
import type { Rows } from './fold-rows';
import { show } from './show-case';

/** The first value in which two sets of rows differ, each side as a person reads it: `LAS.last = 3`. */
export interface Difference {
  readonly expected: string;
  readonly got: string;
}

/** Sums of doubles may differ in their last digits when they are added in another order. */
const ROUNDING = 1e-9;

/** `rounded`: sums of `double` may be rounded otherwise, and a `decimal` be written with other zeros. Default: exactly the same. */
export function findDifference(
  projection: Projection,
  expected: Rows,
  got: Rows,
  precision: 'exact' | 'rounded' = 'exact',
): Difference | undefined {
  for (const key of new Set([...expected.keys(), ...got.keys()])) {
    const [left, right] = [expected.get(key), got.get(key)];
    if (left === undefined) return { expected: `no row ${key}`, got: `the row ${key}` };
    if (right === undefined) return { expected: `the row ${key}`, got: `no row ${key}` };
    for (const { name, type } of projection.columns) {
      const isNear = precision === 'rounded' && areNear(type, left[name], right[name]);
      if (isNear || isDeepStrictEqual(left[name], right[name])) continue;
      const at = `${key}.${name}`;
      return { expected: `${at} = ${show(left[name])}`, got: `${at} = ${show(right[name])}` };
    }
  }
  return undefined;
}

function areNear(type: ColumnType, a: unknown, b: unknown): boolean {
  if (type === 'decimal') return compareDecimals(String(a), String(b)) === 0;
  if (type !== 'double' || typeof a !== 'number' || typeof b !== 'number') return false;
  return Math.abs(a - b) <= ROUNDING * Math.max(1, Math.abs(a), Math.abs(b));
}
