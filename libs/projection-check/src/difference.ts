import type { Projection } from '@millrace/projecting';
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

/** `rounded`: numbers of `double` columns are the same but for the rounding of a sum. Default: exactly the same. */
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
      const isNear = type === 'double' && precision === 'rounded' && areNear(left[name], right[name]);
      if (isNear || isDeepStrictEqual(left[name], right[name])) continue;
      const at = `${key}.${name}`;
      return { expected: `${at} = ${show(left[name])}`, got: `${at} = ${show(right[name])}` };
    }
  }
  return undefined;
}

function areNear(a: unknown, b: unknown): boolean {
  if (typeof a !== 'number' || typeof b !== 'number') return false;
  return Math.abs(a - b) <= ROUNDING * Math.max(1, Math.abs(a), Math.abs(b));
}
