import type { ColumnType, ProjectionShape } from '@millrace/projecting';
import { DEFAULT_LIMIT, isOwn, MAX_IN_VALUES, MAX_LIMIT } from '../query/list-parameters';
import { columnType } from '../query/column-type';
import { exampleOf, parameterSchema } from './column-schema';

/** Parameters of every query. */
export const waitingParameters: readonly object[] = [
  {
    ...{ name: 'at-least', in: 'query', example: 'flights/1/6781' },
    description: 'Positions, with commas in between: the answer includes them, or is 409.',
    schema: { type: 'string' },
  },
  {
    ...{ name: 'wait-ms', in: 'query' },
    description: 'How long to wait for at-least; not more than AT_LEAST_TIMEOUT_MS, which is the default.',
    schema: { type: 'integer', minimum: 0 },
  },
  {
    ...{ name: 'if-none-match', in: 'header' },
    description: 'The etag of an earlier answer; when nothing in it has changed the answer is 304.',
    schema: { type: 'string' },
  },
];

const COMPARISONS = ['gt', 'gte', 'lt', 'lte'] as const;

/** The parameters of a list of that projection: one for each operator on each column that may be filtered. */
export function listParameters(shape: ProjectionShape): object[] {
  const columns = [...new Set([shape.keyName, ...shape.indexes.flat(), ...shape.queryable])];
  const sorts = columns.flatMap((column) => [column, `-${column}`]);
  return [
    {
      ...{ name: 'limit', in: 'query', description: 'At most so many rows.' },
      schema: { type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT },
    },
    {
      ...{ name: 'sort', in: 'query', schema: { enum: sorts } },
      description:
        'A column; - before it for descending. What is unset counts as greatest. Without it: the order of the index that serves the filters.',
    },
    {
      ...{ name: 'cursor', in: 'query', schema: { type: 'string' } },
      description: 'next of the page before, with the same filters and sort.',
    },
    ...columns.flatMap((column) => filtersOn(column, columnType(shape, column))),
    ...waitingParameters,
  ];
}

function filtersOn(column: string, type: ColumnType): object[] {
  const schema = parameterSchema(type);
  const filter = (
    operator: string,
    description: string,
    more: object = { schema, example: exampleOf(type) },
  ) => ({
    ...{ name: operator === '' ? column : `${column}[${operator}]`, in: 'query', description, ...more },
  });
  return [
    // A column whose name is a parameter of the platform's is filtered by its operator alone.
    filter(isOwn(column) ? 'eq' : '', `Rows whose ${column} is this.`),
    filter('in', 'One of these: give it once for each value.', {
      ...{ style: 'form', explode: true },
      schema: { type: 'array', items: schema, maxItems: MAX_IN_VALUES },
    }),
    ...COMPARISONS.map((operator) => filter(operator, `Rows whose ${column} is ${WORDS[operator]} this.`)),
    filter('null', 'Whether nothing is set.', { schema: { type: 'boolean' } }),
  ];
}

const WORDS = { gt: 'above', gte: 'at or above', lt: 'below', lte: 'at or below' } as const;
