import { readerOf, shapeOf } from '@millrace/projecting';
import type { KeySample, Projection, ProjectionBuild, ProjectionShape } from '@millrace/projecting';
import type { Pool, PoolClient } from 'pg';
import { createIndexesSql } from './declared-indexes';
import { ProjectionLayoutError } from './errors';
import { inTransaction } from './in-transaction';
import { createTableSql, viewName, viewSelectSql } from './read-model-sql';

/**
 * `live` is what readers see; `previous` is what they saw before, kept for a rollback. Both fold on. `building` may become
 * live; `verifying` is made to be compared with the live one, and never becomes it.
 */
export type BuildState = 'building' | 'verifying' | 'live' | 'previous' | 'released';

export interface StoredBuild extends ProjectionBuild {
  readonly state: BuildState;
  readonly createdAt: Date;
  /** The keys that are folded, where it is not all of them. */
  readonly sample?: KeySample;
}

interface BuildRow {
  projection: string;
  build: number;
  version: number;
  state: BuildState;
  created_at: Date;
  sample: KeySample | null;
}

/**
 * Makes a projection known: its version can be rebuilt from now on, and when the projection has no tables at all, the
 * first build is made and is live. Another version's tables are left alone. Safe to call from services that start
 * together, and again at any time to say that the version is still hosted.
 * @throws ProjectionLayoutError when tables of this version exist that were made with another layout.
 */
export async function prepareProjection(pool: Pool, projection: Projection): Promise<void> {
  const { name, version } = projection;
  const layout = JSON.stringify(layoutOf(projection));
  await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`projection/${name}`]);
    await refuseAnotherLayout(client, projection);
    await client.query(
      `INSERT INTO millrace.projection_version (projection, version, definition) VALUES ($1, $2, $3)
       ON CONFLICT (projection, version) DO UPDATE SET definition = EXCLUDED.definition, hosted_at = now()`,
      [name, version, JSON.stringify(shapeOf(projection))],
    );
    const { rowCount } = await client.query(
      'INSERT INTO millrace.projection (name, live_version, layout) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [name, version, layout],
    );
    if (rowCount === 0) return;
    const first = { projection: name, version, build: 1 };
    await client.query(
      `INSERT INTO millrace.projection_build (projection, build, version, state, reader) VALUES ($1, 1, $2, 'live', $3)`,
      [name, version, readerOf(first)],
    );
    await client.query(createTableSql(projection, first));
    for (const statement of createIndexesSql(projection, first)) await client.query(statement);
    await client.query(`CREATE OR REPLACE VIEW ${viewName(name)} AS ${viewSelectSql(projection, first)}`);
  });
}

/** What must not change within a version: the tables are made of it. */
export function layoutOf(projection: ProjectionShape): object {
  return {
    kind: projection.kind,
    key: projection.keyName,
    columns: projection.columns.map(({ name, type, merge }) => [name, type, merge ?? null]),
  };
}

async function refuseAnotherLayout(client: PoolClient, projection: Projection): Promise<void> {
  const { name, version } = projection;
  const { rows } = await client.query<{ definition: ProjectionShape }>(
    `SELECT definition FROM millrace.projection_version AS known
      WHERE projection = $1 AND version = $2 AND EXISTS (
        SELECT FROM millrace.projection_build AS build
         WHERE build.projection = $1 AND build.version = $2 AND build.state <> 'released')`,
    [name, version],
  );
  const known =
    rows[0] === undefined ? await layoutBeforeBuilds(client, projection) : layoutOf(rows[0].definition);
  if (known === undefined || JSON.stringify(known) === JSON.stringify(layoutOf(projection))) return;
  throw new ProjectionLayoutError(name, version, JSON.stringify(known), JSON.stringify(layoutOf(projection)));
}

/** The layout of tables that an earlier release of the platform made, which kept no definitions. */
async function layoutBeforeBuilds(
  client: PoolClient,
  { name, version }: Projection,
): Promise<object | undefined> {
  const { rows } = await client.query<{ layout: { kind: unknown; key: unknown; columns: unknown } }>(
    'SELECT layout FROM millrace.projection WHERE name = $1 AND live_version = $2',
    [name, version],
  );
  const layout = rows[0]?.layout;
  // jsonb keeps members in an order of its own.
  return layout === undefined ? undefined : { kind: layout.kind, key: layout.key, columns: layout.columns };
}

/** The builds of these projections whose tables are there, in the order they were made. */
export async function readBuilds(pool: Pool, projections: readonly string[]): Promise<StoredBuild[]> {
  const { rows } = await pool.query<BuildRow>(
    `SELECT projection, build, version, state, created_at, sample FROM millrace.projection_build
      WHERE projection = ANY($1) AND state <> 'released' ORDER BY projection, build`,
    [projections],
  );
  return rows.map(({ created_at: createdAt, sample, ...build }) => ({
    ...build,
    createdAt,
    ...(sample === null ? {} : { sample }),
  }));
}

/** Says that these versions are hosted now, for those who wait for somebody to fold them. */
export async function touchHostedVersions(
  pool: Pool,
  versions: readonly Pick<ProjectionShape, 'name' | 'version'>[],
): Promise<void> {
  await pool.query(
    `UPDATE millrace.projection_version SET hosted_at = now()
      WHERE (projection, version) IN (SELECT * FROM unnest($1::text[], $2::int[]))`,
    [versions.map(({ name }) => name), versions.map(({ version }) => version)],
  );
}
