import type { JsonValue } from '@millrace/contracts';

/** The PostgreSQL types a read model's columns can have, and how their values look in TypeScript. */
export interface ColumnValues {
  text: string;
  integer: number;
  bigint: bigint;
  double: number;
  /** Exact, of any size, in plain digits: `-12.30`. What an Avro `decimal` is. */
  decimal: string;
  boolean: boolean;
  timestamp: Date;
  /** `YYYY-MM-DD`. What an Avro `date` is. */
  date: string;
  /** At most 64 KiB a row. It comes back without the order of its members. */
  json: JsonValue;
}

export type ColumnType = keyof ColumnValues;

/**
 * How two partials of an aggregate's column become one; each is associative and commutative, sums of `double` but
 * for the rounding of their last digits. Text compares by code point. `and` and `or` are for booleans.
 */
export type ColumnMerge = 'sum' | 'min' | 'max' | 'and' | 'or';

/** One declared column of an entity. It is `null` until an event sets it. */
export type EntityColumns = Readonly<Record<string, ColumnType>>;

/** One declared column of an aggregate: its type and its merge. */
export type AggregateColumns = Readonly<
  Record<string, { readonly type: Exclude<ColumnType, 'json'>; readonly merge: ColumnMerge }>
>;

export type EntityState<Columns extends EntityColumns> = {
  readonly [Name in keyof Columns]: ColumnValues[Columns[Name]] | null;
};

export type AggregateState<Columns extends AggregateColumns> = {
  readonly [Name in keyof Columns]: ColumnValues[Columns[Name]['type']];
};

const NUMBERS: readonly ColumnType[] = ['integer', 'bigint', 'double', 'decimal'];

/** Why partials of such a column cannot merge so; `undefined` when they can. */
export function mergeProblem(type: ColumnType, merge: ColumnMerge | undefined): string | undefined {
  if (merge === undefined) return undefined;
  if (type === 'json') return 'cannot be merged';
  const isLogical = merge === 'and' || merge === 'or';
  if (type === 'boolean') return isLogical ? undefined : 'is merged by and or or';
  if (isLogical) return `is no boolean, and cannot be merged by ${merge}`;
  return merge === 'sum' && !NUMBERS.includes(type) ? 'cannot be summed' : undefined;
}
