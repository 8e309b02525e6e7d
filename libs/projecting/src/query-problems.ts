import type { ProjectionColumn } from './projection';

interface Declared {
  readonly kind: 'entity' | 'aggregate';
  readonly columns: readonly ProjectionColumn[];
}

interface Queries {
  readonly indexes: readonly (readonly string[])[];
  readonly queryable: readonly string[];
}

/** PostgreSQL takes 32 columns, and the key comes last. More than a few help no query. */
const MAX_COLUMNS = 8;
/** Each costs every write of a row. */
const MAX_INDEXES = 16;

/** What is wrong with the indexes and the queryable columns that a projection declares. */
export function queryProblems({ kind, columns }: Declared, { indexes, queryable }: Queries): string[] {
  const problems = indexes.flatMap((index) => indexProblems(columns, index));
  if (kind === 'aggregate' && indexes.length > 0) {
    problems.push('an aggregate has an index on its key alone: list what may be filtered under queryable');
  }
  if (indexes.length > MAX_INDEXES)
    problems.push(`it has ${indexes.length} indexes, and ${MAX_INDEXES} at most`);
  for (const twice of repeated(indexes.map((index) => index.join(', ')))) {
    problems.push(`the index on ${twice} is there twice`);
  }
  for (const name of queryable) problems.push(...columnProblems(columns, name, 'queryable'));
  return problems;
}

function indexProblems(columns: readonly ProjectionColumn[], index: readonly string[]): string[] {
  const where = `its index on ${index.join(', ') || 'nothing'}`;
  const problems = index.flatMap((name) => columnProblems(columns, name, where));
  if (index.length === 0 || index.length > MAX_COLUMNS) {
    problems.push(`${where} must have 1 to ${MAX_COLUMNS} columns`);
  }
  for (const twice of repeated(index)) problems.push(`${where} has ${twice} twice`);
  return problems;
}

function columnProblems(columns: readonly ProjectionColumn[], name: string, where: string): string[] {
  const column = columns.find((each) => each.name === name);
  if (column === undefined) return [`${where} names ${name}, which is none of its columns`];
  return column.type === 'json' ? [`${where} names ${name}, and json has no order`] : [];
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
