import type {
  ColumnMerge,
  ColumnType,
  ProjectionBuild,
  ProjectionColumn,
  ProjectionShape,
} from '@millrace/projecting';
import { readerOf } from '@millrace/projecting';
import { escapeIdentifier } from 'pg';
import { parkedAtSql } from './parking/parked-sql';

const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  integer: 'integer',
  bigint: 'bigint',
  double: 'double precision',
  decimal: 'numeric',
  boolean: 'boolean',
  timestamp: 'timestamptz',
  date: 'date',
  json: 'jsonb',
};

const SQL_MERGES: Readonly<Record<ColumnMerge, string>> = {
  sum: 'sum',
  min: 'min',
  max: 'max',
  and: 'bool_and',
  or: 'bool_or',
};

/** `flightId` becomes `flight_id`. Declared names are checked identifiers; quoting them is a second guard. */
export function columnName(name: string): string {
  return escapeIdentifier(name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

/** The table of one build, which only its own projector writes. */
export function tableName({ projection, version, build }: ProjectionBuild): string {
  const name = columnName(projection).slice(1, -1);
  return `read_model.${escapeIdentifier(`${name}_v${version}${build === 1 ? '' : `_b${build}`}`)}`;
}

/** The view under a stable name that everybody reads; it shows the live build. */
export function viewName(projection: string): string {
  return `read_model.${columnName(projection)}`;
}

/** The columns that an upsert writes, key first, with the types that `unnest` needs. */
export function writtenColumns(projection: ProjectionShape): { name: string; type: string }[] {
  const declared = projection.columns.map(({ name, type }) => ({
    name: columnName(name),
    type: SQL_TYPES[type],
  }));
  const key = { name: columnName(projection.keyName), type: 'text' };
  if (projection.kind === 'entity') return [key, ...declared];
  const part = [
    { name: 'source_topic', type: 'text' },
    { name: 'source_partition', type: 'integer' },
  ];
  return [key, ...part, ...declared];
}

export function primaryKey(projection: ProjectionShape): string[] {
  const key = columnName(projection.keyName);
  return projection.kind === 'entity' ? [key] : [key, 'source_topic', 'source_partition'];
}

export function createTableSql(projection: ProjectionShape, build: ProjectionBuild): string {
  const nullable = projection.kind === 'entity' ? '' : ' NOT NULL';
  const primary = primaryKey(projection);
  const columns = writtenColumns(projection).map(({ name, type }) => {
    return `${name} ${type}${primary.includes(name) ? ' NOT NULL' : nullable}`;
  });
  return `CREATE TABLE IF NOT EXISTS ${tableName(build)} (${columns.join(', ')}, PRIMARY KEY (${primary.join(', ')}))`;
}

/** The view's last column, of an entity: since when the row lacks events, because one of its key cannot be folded. */
export const PARKED_AT = 'millrace_parked_at';

/** What the view shows of a build: its rows as readers see them, and of an entity's rows since when they lack events. */
export function viewSelectSql(projection: ProjectionShape, build: ProjectionBuild): string {
  if (projection.kind === 'aggregate') return selectMergedSql(projection, build);
  const key = columnName(projection.keyName);
  const columns = [key, ...projection.columns.map(({ name }) => columnName(name))].map(
    (name) => `shown.${name}`,
  );
  // A subquery, not a join: who does not ask for the column pays nothing, and a key has one row whatever is parked.
  const parkedAt = `${parkedAtSql(readerOf(build), `shown.${key}`)} AS ${PARKED_AT}`;
  return `SELECT ${[...columns, parkedAt].join(', ')} FROM ${tableName(build)} AS shown`;
}

/** What readers see of a build's rows: an entity's; an aggregate's, merged over the partial rows of all partitions. */
export function selectMergedSql(projection: ProjectionShape, build: ProjectionBuild): string {
  const key = columnName(projection.keyName);
  const columns = projection.columns.map(mergedColumn);
  const grouping = projection.kind === 'aggregate' ? ` GROUP BY ${key}` : '';
  return `SELECT ${[key, ...columns].join(', ')} FROM ${tableName(build)}${grouping}`;
}

function mergedColumn({ name, type, merge }: ProjectionColumn): string {
  const column = columnName(name);
  if (merge === undefined) return column;
  // Text compares by code point, as it does where the fold runs, whatever the database's language says.
  const merged = `${SQL_MERGES[merge]}(${type === 'text' ? `${column} COLLATE "C"` : column})`;
  // Of 1.5 and 1.50, min() and max() give either.
  if (type === 'decimal' && merge !== 'sum') return `trim_scale(${merged}) AS ${column}`;
  // sum() of an integer is a bigint, and of a bigint a numeric: the declared type must come out.
  return `${merged}::${SQL_TYPES[type]} AS ${column}`;
}

/** The key and the declared columns, each under its declared name and as its TypeScript value. */
export function selectedColumns(projection: ProjectionShape): string {
  const declared = projection.columns.map(({ name, type }) => {
    // The driver would make it the midnight of some zone.
    const value = type === 'date' ? `to_char(${columnName(name)}, 'YYYY-MM-DD')` : columnName(name);
    return `${value} AS "${name}"`;
  });
  return [`${columnName(projection.keyName)} AS "${projection.keyName}"`, ...declared].join(', ');
}

/** As many nulls, of the types that `selectedColumns` gives: one side of a union. */
export function unselectedColumns(projection: ProjectionShape): string {
  const types = projection.columns.map(({ type }) => (type === 'date' ? 'text' : SQL_TYPES[type]));
  return ['text', ...types].map((type) => `NULL::${type}`).join(', ');
}

/** The type of the key's column, or of a declared one. */
export function sqlType(projection: ProjectionShape, column: string): string {
  return SQL_TYPES[projection.columns.find(({ name }) => name === column)?.type ?? 'text'];
}

/** A build's rows as readers see them, to select from, under the name `r`. */
export function rowsOf(projection: ProjectionShape, build: ProjectionBuild): string {
  return projection.kind === 'entity'
    ? `${tableName(build)} AS r`
    : `(${selectMergedSql(projection, build)}) AS r`;
}

/** One statement for any number of rows: each column's values are one array parameter. */
export function upsertSql(projection: ProjectionShape, build: ProjectionBuild): string {
  const columns = writtenColumns(projection);
  const primary = primaryKey(projection);
  const changed = columns.map(({ name }) => name).filter((name) => !primary.includes(name));
  const arrays = columns.map(({ type }, index) => `$${index + 1}::${type}[]`);
  return (
    `INSERT INTO ${tableName(build)} (${columns.map(({ name }) => name).join(', ')}) ` +
    `SELECT * FROM unnest(${arrays.join(', ')}) ` +
    `ON CONFLICT (${primary.join(', ')}) DO UPDATE SET ${changed.map((name) => `${name} = EXCLUDED.${name}`).join(', ')}`
  );
}

/** For rows whose keys are new, in COPY's binary format; otherwise as `upsertSql`. */
export function copySql(projection: ProjectionShape, build: ProjectionBuild): string {
  const columns = writtenColumns(projection).map(({ name }) => name);
  return `COPY ${tableName(build)} (${columns.join(', ')}) FROM STDIN (FORMAT binary)`;
}
