import { readerOf } from '@millrace/projecting';
import type { ProjectionBuild, ProjectionShape } from '@millrace/projecting';
import { DatabaseError } from 'pg';
import type { ClientBase, Pool, PoolClient } from 'pg';
import { inTransaction, runTransaction } from '../in-transaction';
import type { BuildState, StoredBuild } from '../projection-builds';
import { tableName } from '../read-model-sql';
import type { ShapedBuild } from './compare-builds';
import { NothingKeptError } from './errors';
import { LOCK_NOT_AVAILABLE } from './hold-live';
import { releaseBuild } from './release-build';

/** A version of a projection that some process hosts or has hosted. */
export interface HostedVersion {
  readonly shape: ProjectionShape;
  /** A process has said so within the last minute. */
  readonly hostedNow: boolean;
}

/** Every version of every projection that was ever hosted, or of one. */
export async function readHostedVersions(pool: Pool, projection?: string): Promise<HostedVersion[]> {
  const { rows } = await pool.query<{ definition: ProjectionShape; hosted_now: boolean }>(
    `SELECT definition, hosted_at > now() - interval '1 minute' AS hosted_now FROM millrace.projection_version
      WHERE $1::text IS NULL OR projection = $1 ORDER BY projection, version`,
    [projection ?? null],
  );
  return rows.map(({ definition, hosted_now: hostedNow }) => ({
    // An earlier release of the platform wrote neither down.
    shape: { ...{ indexes: [], queryable: [] }, ...definition },
    hostedNow,
  }));
}

/** A build with its layout. @throws Error when no process has ever said what the version looks like. */
export async function shapedBuild(pool: Pool, build: ProjectionBuild): Promise<ShapedBuild> {
  const versions = await readHostedVersions(pool, build.projection);
  const shape = versions.find((each) => each.shape.version === build.version)?.shape;
  if (shape === undefined) {
    throw new Error(
      `no process has hosted version ${build.version} of ${build.projection} since builds have numbers`,
    );
  }
  return { build, shape };
}

/** The name of a build's table as a person would type it; its parts are checked identifiers. */
export function buildTable(build: ProjectionBuild): string {
  return tableName(build).replaceAll('"', '');
}

/** The build that readers see; `undefined` when there is none, as for a projection that nobody has hosted. */
export async function liveBuild(on: Pool | ClientBase, projection: string): Promise<StoredBuild | undefined> {
  return buildThatIs('live', on, projection);
}

/** The build that was live before and still folds. @throws NothingKeptError */
export async function keptBuild(on: Pool | ClientBase, projection: string): Promise<StoredBuild> {
  const kept = await buildThatIs('previous', on, projection);
  if (kept === undefined) throw new NothingKeptError(projection);
  return kept;
}

/** No two builds of a projection are in the same one of these states. */
async function buildThatIs(
  state: Exclude<BuildState, 'released'>,
  on: Pool | ClientBase,
  projection: string,
): Promise<StoredBuild | undefined> {
  const { rows } = await on.query<StoredBuild>(
    `SELECT projection, build, version, state, created_at AS "createdAt"
       FROM millrace.projection_build WHERE projection = $1 AND state = $2`,
    [projection, state],
  );
  return rows[0];
}

/** Gives up the way back. A swap under way is waited for: what it leaves behind is released. @throws NothingKeptError */
export async function releaseKeptBuild(pool: Pool, projection: string): Promise<StoredBuild> {
  return inTransaction(pool, async (tx) => {
    await tx.query('SELECT FROM millrace.projection WHERE name = $1 FOR UPDATE', [projection]);
    const kept = await keptBuild(tx, projection);
    await releaseBuild(tx, kept);
    return kept;
  });
}

/** Readers of the positions look every half second; after this time none folds a released build any more. */
const DROP_AFTER = '5 seconds';

/**
 * Drops the tables and positions of builds that were released a little while ago, and what they had parked; gives their tables' names. A table that
 * somebody reads for long, or has made a view on, is left for another time.
 */
export async function dropReleasedBuilds(client: PoolClient): Promise<string[]> {
  const { rows } = await client.query<ProjectionBuild>(
    `SELECT projection, version, build FROM millrace.projection_build
      WHERE state = 'released' AND dropped_at IS NULL AND changed_at < now() - interval '${DROP_AFTER}'
      ORDER BY projection, build`,
  );
  const dropped: string[] = [];
  for (const build of rows) {
    if (await dropUnlessInUse(client, build)) dropped.push(buildTable(build));
  }
  return dropped;
}

/** A lock that cannot be had in time, and objects that depend on a table. */
const IN_USE: readonly unknown[] = [LOCK_NOT_AVAILABLE, '2BP01'];

async function dropUnlessInUse(client: PoolClient, build: ProjectionBuild): Promise<boolean> {
  try {
    await runTransaction(client, async (tx) => {
      await tx.query("SET LOCAL lock_timeout = '300ms'");
      await tx.query(`DROP TABLE IF EXISTS ${tableName(build)}`);
      for (const table of ['parked_record', 'key_fence', 'halted_partition', 'position'])
        await tx.query(`DELETE FROM millrace.${table} WHERE reader = $1`, [readerOf(build)]);
      await tx.query(
        'UPDATE millrace.projection_build SET dropped_at = now() WHERE projection = $1 AND build = $2',
        [build.projection, build.build],
      );
    });
    return true;
  } catch (error) {
    if (error instanceof DatabaseError && IN_USE.includes(error.code)) return false;
    throw error;
  }
}
