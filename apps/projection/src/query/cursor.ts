import { createHash } from 'node:crypto';
import type { ColumnType, Filter, ListOrder, ProjectionShape } from '@millrace/projecting';
import type { OrderValues } from '@millrace/postgres';
import { z } from 'zod';
import { CursorMismatchError, CursorVersionError, InvalidCursorError } from '../errors';
import { columnType } from './column-type';
import { isColumnValue } from './column-value';

/** What a list is apart from its pages. */
export interface ListQuery {
  readonly filters: readonly Filter[];
  readonly order: ListOrder;
}

/** Version, hash of the query, and the last row's values of the order's columns. */
const content = z.tuple([
  z.int().positive(),
  z.string().length(16),
  z.array(z.string().max(70_000).nullable()).min(1).max(9),
]);

/** What a client gives back for the next page. It holds no build and no offset: rows may change, and builds be swapped. */
export function formatCursor(shape: ProjectionShape, query: ListQuery, next: OrderValues): string {
  const given: z.infer<typeof content> = [shape.version, hashOf(shape, query), [...next]];
  return Buffer.from(JSON.stringify(given)).toString('base64url');
}

/**
 * The row behind which the page begins.
 * @throws InvalidCursorError; CursorVersionError when another version is live by now, whose rows may come in another order;
 * CursorMismatchError when the cursor was given for another query.
 */
export function parseCursor(text: string, shape: ProjectionShape, query: ListQuery): OrderValues {
  const [version, hash, values] = read(text, shape.name);
  if (version !== shape.version) throw new CursorVersionError(shape.name, version, shape.version);
  if (hash !== hashOf(shape, query)) throw new CursorMismatchError(shape.name);
  const { columns } = query.order;
  const isWhole = values.length === columns.length && values.at(-1) !== null;
  if (
    !isWhole ||
    !columns.every((column, index) => isInRange(columnType(shape, column), values[index] ?? null))
  ) {
    throw new InvalidCursorError(shape.name);
  }
  return values;
}

/** What PostgreSQL would call out of range, as it calls a sum of the rows' own; other texts that are no values it refuses. */
function isInRange(type: ColumnType, value: string | null): boolean {
  if (value === null) return true;
  if (type === 'double') return Number.isFinite(Number(value)) || /^(NaN|-?Infinity)$/.test(value);
  return (type !== 'integer' && type !== 'bigint') || isColumnValue(type, value);
}

function read(text: string, projection: string): z.infer<typeof content> {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) throw new InvalidCursorError(projection);
  try {
    return content.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch (error) {
    throw new InvalidCursorError(projection, error);
  }
}

function hashOf({ name }: ProjectionShape, { filters, order }: ListQuery): string {
  const canonical = filters.map((filter) => JSON.stringify(Object.entries(filter).sort())).toSorted();
  return createHash('sha256')
    .update(JSON.stringify([name, canonical, order.columns, order.descending]))
    .digest('base64url')
    .slice(0, 16);
}
