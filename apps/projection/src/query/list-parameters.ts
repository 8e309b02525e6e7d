import { listOrder } from '@millrace/projecting';
import type { Filter, ProjectionShape, Sort } from '@millrace/projecting';
import { InvalidQueryError } from '../errors';
import { expectedValue, isColumnValue } from './column-value';
import type { ListQuery } from './cursor';
import { columnType } from './column-type';

export const MAX_LIMIT = 1_000;
export const DEFAULT_LIMIT = 50;
export const MAX_FILTERS = 16;
export const MAX_IN_VALUES = 100;

/** As Fastify reads a query: what is given more than once is an array. */
export type QueryParameters = Readonly<Record<string, string | readonly string[]>>;

const OWN = ['limit', 'sort', 'cursor', 'at-least', 'wait-ms'] as const;
type OwnParameters = Readonly<Partial<Record<(typeof OWN)[number], string>>>;

/** Whether a parameter of this name is the platform's, and no filter. */
export function isOwn(name: string): boolean {
  return (OWN as readonly string[]).includes(name);
}

const OPERATORS = ['eq', 'in', 'gt', 'gte', 'lt', 'lte', 'null'] as const satisfies Filter['operator'][];

/** The parameters that are the platform's; all others are filters. @throws InvalidQueryError when one is given twice. */
export function ownParameters(parameters: QueryParameters): OwnParameters {
  return Object.fromEntries(
    OWN.flatMap((name) => {
      const value = parameters[name];
      return value === undefined ? [] : [[name, once(name, value)]];
    }),
  );
}

/** @throws InvalidQueryError when anything but `at-least` and `wait-ms` is given. */
export function refuseListParameters(parameters: QueryParameters): void {
  const other = Object.keys(parameters).find((name) => name !== 'at-least' && name !== 'wait-ms');
  if (other !== undefined) {
    throw new InvalidQueryError(other.slice(0, 60), 'no parameter but at-least and wait-ms for one row');
  }
}

/** At most so many rows. @throws InvalidQueryError */
export function parseLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > MAX_LIMIT) {
    throw new InvalidQueryError('limit', `a whole number from 1 to ${MAX_LIMIT}`);
  }
  return limit;
}

/**
 * What a list asks of a version: `<column>=<value>` or `<column>[<operator>]=<value>` for each condition, and `sort`.
 * @throws InvalidQueryError, UnknownColumnError, NotServedError
 */
export function parseListQuery(shape: ProjectionShape, parameters: QueryParameters): ListQuery {
  const conditions = Object.entries(parameters).filter(([name]) => !isOwn(name));
  if (conditions.length > MAX_FILTERS) {
    throw new InvalidQueryError(
      conditions[MAX_FILTERS]?.[0].slice(0, 60) ?? '',
      `at most ${MAX_FILTERS} filters`,
    );
  }
  const filters = conditions.map(([name, value]) => parseFilter(shape, name, value));
  return { filters, order: listOrder(shape, filters, parseSort(shape, ownParameters(parameters).sort)) };
}

function parseSort(shape: ProjectionShape, text: string | undefined): Sort | undefined {
  if (text === undefined) return undefined;
  const descending = text.startsWith('-');
  const column = descending ? text.slice(1) : text;
  if (columnType(shape, column) === 'json') {
    throw new InvalidQueryError('sort', `another column than ${column}: json has no order`);
  }
  return { column, descending };
}

function parseFilter(shape: ProjectionShape, name: string, given: string | readonly string[]): Filter {
  const [, column = '', operator = 'eq'] = /^([^[\]]*)(?:\[([^[\]]*)\])?$/.exec(name) ?? [];
  if (!isOperator(operator) || column === '') {
    throw new InvalidQueryError(
      name.slice(0, 60),
      `a filter such as <column>=<value> or <column>[<operator>]=<value>, with one of the operators ${OPERATORS.join(', ')}`,
    );
  }
  const type = columnType(shape, column);
  const expected = expectedValue(type);
  if (expected === undefined)
    throw new InvalidQueryError(name, `a filter on another column: ${column} is json`);
  if (operator === 'null') return { column, operator, isNull: parseNull(name, once(name, given)) };
  const isValue = (text: string) => isColumnValue(type, text);
  if (operator === 'in') {
    const values = typeof given === 'string' ? [given] : given;
    if (values.length > MAX_IN_VALUES || !values.every(isValue)) {
      throw new InvalidQueryError(
        name,
        `at most ${MAX_IN_VALUES} values, each ${expected}, as ${column} is ${type}`,
      );
    }
    return { column, operator, values };
  }
  const value = once(name, given);
  if (!isValue(value)) throw new InvalidQueryError(name, `${expected}, as ${column} is ${type}`);
  return { column, operator, value };
}

function isOperator(text: string): text is Filter['operator'] {
  return (OPERATORS as readonly string[]).includes(text);
}

function parseNull(name: string, text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new InvalidQueryError(name, 'true or false');
  return text === 'true';
}

function once(name: string, value: string | readonly string[]): string {
  if (typeof value === 'string') return value;
  throw new InvalidQueryError(name.slice(0, 60), 'it once; several values of one column are <column>[in]');
}
