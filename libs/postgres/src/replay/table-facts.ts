import { readerOf } from '@millrace/projecting';
import type { ProjectionBuild } from '@millrace/projecting';
import type { Pool } from 'pg';
import { columnName, tableName } from '../read-model-sql';
import type { ShapedBuild } from './compare-builds';

export interface TableSize {
  /** Of the table, its indexes and what is stored beside it. */
  readonly bytes: bigint;
  /** As PostgreSQL last counted, of an aggregate the partial rows; `null` before it has counted at all. */
  readonly rowsEstimated: number | null;
}

/** How large the tables of these builds are, by `readerOf`; a build whose table is gone is left out. Counts nothing. */
export async function readTableSizes(
  pool: Pool,
  builds: readonly ProjectionBuild[],
): Promise<Map<string, TableSize>> {
  const { rows } = await pool.query<{ reader: string; bytes: bigint; tuples: number }>(
    `SELECT named.reader, pg_total_relation_size(class.oid) AS bytes, class.reltuples::float8 AS tuples
       FROM unnest($1::text[], $2::text[]) AS named(reader, name)
       JOIN pg_class AS class ON class.oid = to_regclass(named.name)`,
    [builds.map(readerOf), builds.map(tableName)],
  );
  return new Map(
    rows.map(({ reader, bytes, tuples }) => [reader, { bytes, rowsEstimated: tuples < 0 ? null : tuples }]),
  );
}

/** How many keys a build has, exactly: reads the whole table. */
export async function countKeys(pool: Pool, { shape, build }: ShapedBuild): Promise<number> {
  const what = shape.kind === 'entity' ? '*' : `DISTINCT ${columnName(shape.keyName)}`;
  const { rows } = await pool.query<{ keys: bigint }>(
    `SELECT count(${what}) AS keys FROM ${tableName(build)}`,
  );
  return Number(rows[0]?.keys ?? 0n);
}
