import { readerOf } from '@millrace/projecting';
import type { Filter, ListOrder, ProjectionBuild, ProjectionShape } from '@millrace/projecting';
import { escapeLiteral } from 'pg';
import { parkedSql } from '../parking/parked-sql';
import { columnName, rowsOf, selectedColumns, sqlType, unselectedColumns } from '../read-model-sql';
import { behind } from './keyset';
import type { ListRequest } from './list-request';
import { liveFacts } from './live-facts';
import { Parameters } from './parameters';

const COMPARISONS = { eq: '=', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/** Names that no declared column can have. */
export const BRANCH = 'millrace_branch';
export const PARKED = 'millrace_parked';
export const orderValueName = (index: number): string => `millrace_order_${index}`;

/**
 * The statement that reads one page, its rows in order. Its first row has no columns of the projection's: it says what is live
 * and how far the build is, so that an answer without rows has its positions, in the same snapshot.
 *
 * A page behind a row is a union of ranges of the index, nearest first, because one comparison of whole rows would pass over
 * those with nulls. PostgreSQL runs the parts of a UNION ALL in turn and stops at the limit, unless it runs them in
 * parallel, which the sessions for queries do not.
 */
export function listStatement(
  shape: ProjectionShape,
  build: ProjectionBuild,
  { limit, filters = [], order = byKey(shape), after }: ListRequest,
): { readonly text: string; readonly values: readonly unknown[] } {
  const parameters = new Parameters();
  const facts = liveFacts(parameters.add(shape.name, 'text'));
  const atMost = parameters.add(limit, 'bigint');
  const conditions = filters.map((filter) => condition(shape, filter, parameters));
  const branches = after === undefined ? [[]] : behind(shape, order, after, parameters);
  const selected = `${selectedColumns(shape)}${orderValues(order)}`;
  const direction = order.descending ? 'DESC NULLS FIRST' : 'ASC NULLS LAST';
  // With the table's name, or a date would be taken for the text of the same name that is selected.
  const sorted = [...order.fixed, ...order.columns]
    .map((name) => `r.${columnName(name)} ${direction}`)
    .join(', ');
  const parked =
    shape.kind === 'entity'
      ? parkedSql(escapeLiteral(readerOf(build)), `r.${columnName(shape.keyName)}`)
      : 'NULL::jsonb';
  const reads = branches.map((range, index) => {
    const where = [...conditions, ...range];
    return (
      `(SELECT ${index + 1}, NULL::integer, NULL::integer, NULL::text, ${selected}, ${parked} FROM ${rowsOf(shape, build)}` +
      `${where.length === 0 ? '' : ` WHERE ${where.join(' AND ')}`} ORDER BY ${sorted} LIMIT ${atMost})`
    );
  });
  const nothing = `${unselectedColumns(shape)}${order.columns.map(() => ', NULL::text').join('')}, NULL::jsonb`;
  const names = ['millrace_version', 'millrace_build', 'millrace_positions', ...declaredNames(shape)];
  const all = [BRANCH, ...names, ...order.columns.map((_, index) => orderValueName(index)), PARKED];
  const text =
    `SELECT * FROM (SELECT 0, facts.*, ${nothing} FROM (${facts}) AS facts UNION ALL ${reads.join(' UNION ALL ')}) ` +
    `AS page (${all.map((name) => `"${name}"`).join(', ')}) LIMIT ${atMost} + 1`;
  return { text, values: parameters.values };
}

function byKey({ keyName }: ProjectionShape): ListOrder {
  return { fixed: [], columns: [keyName], descending: false };
}

function declaredNames({ keyName, columns }: ProjectionShape): string[] {
  return [keyName, ...columns.map(({ name }) => name)];
}

/** As text: a timestamp in JavaScript has no microseconds, and a double no text that reads back the same everywhere. */
function orderValues({ columns }: ListOrder): string {
  return columns.map((name) => `, r.${columnName(name)}::text`).join('');
}

function condition(shape: ProjectionShape, filter: Filter, parameters: Parameters): string {
  const column = `r.${columnName(filter.column)}`;
  const type = sqlType(shape, filter.column);
  switch (filter.operator) {
    case 'null':
      return `${column} IS ${filter.isNull ? '' : 'NOT '}NULL`;
    case 'in':
      return `${column} = ANY(${parameters.add(filter.values, `${type}[]`)})`;
    default:
      return `${column} ${COMPARISONS[filter.operator]} ${parameters.add(filter.value, type)}`;
  }
}
