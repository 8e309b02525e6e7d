import { NotServedError } from './errors';
import type { ProjectionShape } from './projection';

/** A condition on one column; the row's value is held against PostgreSQL's text form of a value. */
export type Filter =
  | { readonly column: string; readonly operator: 'eq' | 'gt' | 'gte' | 'lt' | 'lte'; readonly value: string }
  | { readonly column: string; readonly operator: 'in'; readonly values: readonly string[] }
  | { readonly column: string; readonly operator: 'null'; readonly isNull: boolean };

export interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

/** The order in which a list comes: by these columns, all in one direction. The key is among them: no two rows are equal. */
export interface ListOrder {
  /** Columns of the index before these, which are the same in all rows of the list. */
  readonly fixed: readonly string[];
  readonly columns: readonly string[];
  readonly descending: boolean;
}

type Queries = Pick<ProjectionShape, 'name' | 'keyName' | 'indexes' | 'queryable'>;

/**
 * The order of a list with these filters and this sort. An index serves it when it holds the filtered columns first, those of
 * equality, then at most one that is filtered by a range, and goes on in the order that is asked for; rows of equal values
 * come in the order of the index's further columns. Without a sort the order is that of the index which serves the filters.
 * Columns that are declared `queryable`, and the key, need no index.
 * @throws NotServedError when neither is so.
 */
export function listOrder(projection: Queries, filters: readonly Filter[], sort?: Sort): ListOrder {
  const descending = sort?.descending ?? false;
  const { keyName, indexes, queryable } = projection;
  const isFree = (column: string) => queryable.includes(column);
  const found = [[keyName], ...indexes.map((index) => [...index, keyName])]
    .map((index) => alongIndex(index, filters))
    .filter(({ unserved }) => unserved.every(isFree))
    .toSorted((a, b) => a.unserved.length - b.unserved.length);
  const inOrder = found.find(({ order, fixed }) => {
    return sort === undefined || order[0] === sort.column || fixed.includes(sort.column);
  });
  if (inOrder !== undefined) return { fixed: inOrder.fixed, columns: inOrder.order, descending };
  if (found.length > 0 && sort !== undefined && isFree(sort.column)) {
    return { fixed: [], columns: [sort.column, keyName], descending };
  }
  const asked = [...new Set(filters.map(({ column }) => column))];
  throw new NotServedError(projection, asked, sort?.column);
}

interface AlongIndex {
  /** Columns that are the same in all rows that are looked for. */
  readonly fixed: readonly string[];
  /** The order of these rows in the index; the key at the end. */
  readonly order: readonly string[];
  /** Columns that are filtered, and the index does not help. */
  readonly unserved: readonly string[];
}

function alongIndex(index: readonly string[], filters: readonly Filter[]): AlongIndex {
  const isFixed = (column: string) =>
    filters.some((filter) => filter.column === column && isEquality(filter));
  const free = index.findIndex((column) => !isFixed(column));
  const fixed = free < 0 ? index : index.slice(0, free);
  // Equality on the key leaves one row at most.
  const order = free < 0 ? index.slice(-1) : index.slice(free);
  const served = [...fixed, order[0]];
  return {
    fixed,
    order,
    unserved: filters.map(({ column }) => column).filter((name) => !served.includes(name)),
  };
}

function isEquality(filter: Filter): boolean {
  return filter.operator === 'eq' || (filter.operator === 'null' && filter.isNull);
}
