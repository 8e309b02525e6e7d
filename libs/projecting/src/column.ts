/** The PostgreSQL types a read model's columns can have, and how their values look in TypeScript. */
export interface ColumnValues {
  text: string;
  integer: number;
  bigint: bigint;
  double: number;
  boolean: boolean;
  timestamp: Date;
}

export type ColumnType = keyof ColumnValues;

/**
 * How two partials of an aggregate's column become one; each is associative and commutative, sums of `double` but
 * for the rounding of their last digits. Text compares by code point.
 */
export type ColumnMerge = 'sum' | 'min' | 'max';

/** One declared column of an entity. It is `null` until an event sets it. */
export type EntityColumns = Readonly<Record<string, ColumnType>>;

/** One declared column of an aggregate: its type and its merge. */
export type AggregateColumns = Readonly<
  Record<string, { readonly type: ColumnType; readonly merge: ColumnMerge }>
>;

export type EntityState<Columns extends EntityColumns> = {
  readonly [Name in keyof Columns]: ColumnValues[Columns[Name]] | null;
};

export type AggregateState<Columns extends AggregateColumns> = {
  readonly [Name in keyof Columns]: ColumnValues[Columns[Name]['type']];
};
