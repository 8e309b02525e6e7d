import type { Projection, State } from './projection';

/** Merges two partial states of one key, column by column; associative and commutative. */
export function mergeStates(projection: Projection, a: State, b: State): State {
  const merged: Record<string, unknown> = {};
  for (const { name, merge } of projection.columns) merged[name] = mergeValues(merge, a[name], b[name]);
  return merged;
}

function mergeValues(merge: 'sum' | 'min' | 'max' | undefined, a: unknown, b: unknown): unknown {
  const left = a as number | bigint;
  const right = b as number | bigint;
  switch (merge) {
    case 'sum':
      return typeof left === 'bigint' ? left + BigInt(right) : left + Number(right);
    case 'min':
      return left <= right ? a : b;
    case 'max':
      return left >= right ? a : b;
    case undefined:
      throw new TypeError('An entity has one row a key: there is nothing to merge.');
  }
}
