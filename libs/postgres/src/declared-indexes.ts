import { createHash } from 'node:crypto';
import type { ProjectionBuild, ProjectionShape } from '@millrace/projecting';
import { escapeIdentifier } from 'pg';
import type { ClientBase, Pool } from 'pg';
import { columnName, tableName } from './read-model-sql';

/** Indexes of this prefix are the platform's to make and to drop; what users add under other names is theirs. */
const PREFIX = 'millrace_';
/** PostgreSQL cuts longer names off. */
const MAX_NAME_BYTES = 63;

/** One index that a projection declares, on the table of one build. */
export interface DeclaredIndex {
  readonly name: string;
  /** `ON <table> (<columns>)`, behind CREATE INDEX and the name. */
  readonly definition: string;
}

/** The indexes that a build's table should have beside its primary key. The key stands last: rows come in one order. */
export function declaredIndexes(shape: ProjectionShape, build: ProjectionBuild): DeclaredIndex[] {
  return shape.indexes.map((index) => {
    const columns = [...index, shape.keyName].map(columnName);
    const definition = `ON ${tableName(build)} (${columns.join(', ')})`;
    const hash = createHash('sha256').update(definition).digest('hex').slice(0, 8);
    const words = [tableName(build).replace('read_model.', ''), ...columns.slice(0, -1)];
    const readable = words.map((word) => word.replaceAll('"', '')).join('_');
    return { name: `${PREFIX}${hash}_${readable}`.slice(0, MAX_NAME_BYTES), definition };
  });
}

/** For a table that is empty. */
export function createIndexesSql(shape: ProjectionShape, build: ProjectionBuild): string[] {
  return declaredIndexes(shape, build).map(
    ({ name, definition }) => `CREATE INDEX IF NOT EXISTS ${escapeIdentifier(name)} ${definition}`,
  );
}

/** What stands between a table's indexes and the declared ones, as statements that hold up neither readers nor writers. */
export async function missingIndexSteps(
  on: Pool | ClientBase,
  shape: ProjectionShape,
  build: ProjectionBuild,
): Promise<string[]> {
  const { rows: present } = await on.query<{ name: string; valid: boolean }>(
    `SELECT class.relname::text AS name, index.indisvalid AS valid
       FROM pg_index AS index JOIN pg_class AS class ON class.oid = index.indexrelid
      WHERE index.indrelid = to_regclass($1) AND starts_with(class.relname::text, $2)`,
    [tableName(build), PREFIX],
  );
  const declared = declaredIndexes(shape, build);
  const isRight = (name: string) => present.some((each) => each.name === name && each.valid);
  // Whoever made an invalid one was interrupted: it costs every write and helps no reader.
  const wrong = present.filter(({ name, valid }) => !valid || !declared.some((each) => each.name === name));
  return [
    ...wrong.map(({ name }) => `DROP INDEX CONCURRENTLY IF EXISTS read_model.${escapeIdentifier(name)}`),
    ...declared
      .filter(({ name }) => !isRight(name))
      .map(({ name, definition }) => `CREATE INDEX CONCURRENTLY ${escapeIdentifier(name)} ${definition}`),
  ];
}
