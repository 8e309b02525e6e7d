import { readerOf } from '@millrace/projecting';
import type { ProjectionBuild, ProjectionShape } from '@millrace/projecting';
import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../in-transaction';
import { readBuilds } from '../projection-builds';
import type { StoredBuild } from '../projection-builds';
import { tableName } from '../read-model-sql';
import type { ShapedBuild } from './compare-builds';
import { NothingKeptError } from './errors';
import { releaseBuild } from './replay-runs';

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
  return rows.map(({ definition: shape, hosted_now: hostedNow }) => ({ shape, hostedNow }));
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

/** The build that was live before and still folds. @throws NothingKeptError */
export async function keptBuild(pool: Pool, projection: string): Promise<StoredBuild> {
  const kept = (await readBuilds(pool, [projection])).find(({ state }) => state === 'previous');
  if (kept === undefined) throw new NothingKeptError(projection);
  return kept;
}

/** Gives up the way back. @throws NothingKeptError */
export async function releaseKeptBuild(pool: Pool, projection: string): Promise<StoredBuild> {
  const kept = await keptBuild(pool, projection);
  await inTransaction(pool, (tx) => releaseBuild(tx, kept));
  return kept;
}

/** Readers of the positions look every half second; after this time none folds a released build any more. */
const DROP_AFTER = '5 seconds';

/** Drops the tables and positions of builds that were released a little while ago; gives their tables' names. */
export async function dropReleasedBuilds(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<ProjectionBuild>(
    `SELECT projection, version, build FROM millrace.projection_build
      WHERE state = 'released' AND dropped_at IS NULL AND changed_at < now() - interval '${DROP_AFTER}'`,
  );
  for (const build of rows) {
    await client.query(`DROP TABLE IF EXISTS ${tableName(build)}`);
    await client.query('DELETE FROM millrace.position WHERE reader = $1', [readerOf(build)]);
    await client.query(
      'UPDATE millrace.projection_build SET dropped_at = now() WHERE projection = $1 AND build = $2',
      [build.projection, build.build],
    );
  }
  return rows.map(buildTable);
}
