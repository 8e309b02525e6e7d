import type { ColumnMerge } from './column';
import { addDecimals, compareDecimals, trimDecimal } from './decimal';
import type { Projection, ProjectionColumn, State } from './projection';

/** Merges two partial states of one key, column by column; associative and commutative. */
export function mergeStates(projection: Projection, a: State, b: State): State {
  const merged: Record<string, unknown> = {};
  for (const column of projection.columns) {
    const { name, type } = column;
    merged[name] =
      type === 'decimal'
        ? mergeDecimals(mergeOf(column), String(a[name]), String(b[name]))
        : mergeValues(mergeOf(column), a[name], b[name]);
  }
  return merged;
}

function mergeOf({ merge }: ProjectionColumn): ColumnMerge {
  if (merge === undefined) throw new TypeError('An entity has one row a key: there is nothing to merge.');
  return merge;
}

function mergeValues(merge: ColumnMerge, a: unknown, b: unknown): unknown {
  const left = a as number | bigint;
  const right = b as number | bigint;
  switch (merge) {
    case 'sum':
      return typeof left === 'bigint' ? left + BigInt(right) : left + Number(right);
    case 'min':
      return left <= right ? a : b;
    case 'max':
      return left >= right ? a : b;
    case 'and':
      return Boolean(a) && Boolean(b);
    case 'or':
      return Boolean(a) || Boolean(b);
  }
}

/** Of two that are written differently and are as much, neither wins: the digits are trimmed. */
function mergeDecimals(merge: ColumnMerge, a: string, b: string): string {
  if (merge === 'sum') return addDecimals(a, b);
  const isLess = compareDecimals(a, b) < 0;
  return trimDecimal(isLess === (merge === 'min') ? a : b);
}
