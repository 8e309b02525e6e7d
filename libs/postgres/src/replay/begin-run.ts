import { crashPoint } from '@millrace/contracts';
import { readerOf } from '@millrace/projecting';
import type { KeySample, ProjectionBuild, ProjectionShape } from '@millrace/projecting';
import type { ClientBase, Pool } from 'pg';
import { inTransaction } from '../in-transaction';
import { createTableSql } from '../read-model-sql';
import { BuildKeptError, LiveBuildChangedError, ReplayActiveError } from './errors';
import { readState, RUN_IS_ACTIVE, storedState } from './replay-run';
import type { RunKind, RunPlan } from './replay-run';

export interface BeginOptions {
  /** Default: `rebuild`. */
  readonly kind?: RunKind;
  /** Of a rebuild: wait for an operator's word before the swap. Default: false. */
  readonly hold?: boolean;
  /** Of a verification: the keys that are folded and compared. Default: all. */
  readonly sample?: KeySample;
}

/**
 * Makes the table of a build, its positions at the start of the log with a stop at the plan's end, and the run, all at
 * once; gives the run's number.
 * @throws ReplayActiveError, BuildKeptError; LiveBuildChangedError when the plan was made against a build that is not live.
 */
export async function beginRun(
  pool: Pool,
  shape: ProjectionShape,
  options: BeginOptions & { readonly replaces: ProjectionBuild; readonly plan: RunPlan },
): Promise<number> {
  const { replaces, plan, kind = 'rebuild', hold = false, sample } = options;
  return inTransaction(pool, async (tx) => {
    await tx.query('SELECT FROM millrace.projection WHERE name = $1 FOR UPDATE', [shape.name]);
    await refuseWhenBusy(tx, shape.name, kind);
    // A swap takes the same lock: from here on the live build stays.
    await refuseUnlessLive(tx, replaces);
    const { rows: numbers } = await tx.query<{ next: number }>(
      'SELECT max(build) + 1 AS next FROM millrace.projection_build WHERE projection = $1',
      [shape.name],
    );
    const build = { projection: shape.name, version: shape.version, build: numbers[0]?.next ?? 1 };
    await tx.query(
      `INSERT INTO millrace.projection_build (projection, build, version, state, reader, sample)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [
        build.projection,
        build.build,
        build.version,
        kind === 'verify' ? 'verifying' : 'building',
        readerOf(build),
        sample === undefined ? null : JSON.stringify(sample),
      ],
    );
    await tx.query(createTableSql(shape, build));
    await insertPositions(tx, readerOf(build), plan);
    crashPoint('build-made');
    const { rows } = await tx.query<{ id: number }>(
      `INSERT INTO millrace.replay_run (projection, version, build, replaces, plan, kind, hold, state)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
      [
        build.projection,
        build.version,
        build.build,
        replaces.build,
        JSON.stringify(plan),
        kind,
        hold,
        storedState({ kind, hold }, 'building'),
      ],
    );
    return rows[0]?.id ?? 0;
  });
}

async function refuseWhenBusy(tx: ClientBase, projection: string, kind: RunKind): Promise<void> {
  const { rows: active } = await tx.query<{ id: number; state: string }>(
    `SELECT id, state FROM millrace.replay_run AS run WHERE projection = $1 AND kind = $2 AND ${RUN_IS_ACTIVE}`,
    [projection, kind],
  );
  if (active[0] !== undefined) {
    throw new ReplayActiveError(projection, { kind, id: active[0].id, state: readState(active[0].state) });
  }
  // It would be folded three times over; a verification is given up by itself.
  if (kind === 'verify') return;
  const { rows: kept } = await tx.query<{ build: number; version: number }>(
    "SELECT build, version FROM millrace.projection_build WHERE projection = $1 AND state = 'previous'",
    [projection],
  );
  if (kept[0] !== undefined) throw new BuildKeptError({ projection, ...kept[0] });
}

/** Without this, a rebuild that was planned just before a swap could be held against a table that was dropped since. */
async function refuseUnlessLive(tx: ClientBase, replaces: ProjectionBuild): Promise<void> {
  const { rowCount } = await tx.query(
    "SELECT FROM millrace.projection_build WHERE projection = $1 AND build = $2 AND state = 'live'",
    [replaces.projection, replaces.build],
  );
  if (rowCount !== 1) throw new LiveBuildChangedError(replaces);
}

async function insertPositions(tx: ClientBase, reader: string, { partitions }: RunPlan): Promise<void> {
  const countOf = (topic: string) => partitions.filter((each) => each.topic === topic).length;
  await tx.query(
    `INSERT INTO millrace.position (reader, topic, partition, next_offset, epoch, partition_count, stop_at)
     SELECT $1, planned.topic, planned.partition, planned.start, 0, planned.count, planned.stop
       FROM unnest($2::text[], $3::int[], $4::bigint[], $5::int[], $6::bigint[])
         AS planned(topic, partition, start, count, stop)`,
    [
      reader,
      partitions.map(({ topic }) => topic),
      partitions.map(({ partition }) => partition),
      partitions.map(({ from }) => from),
      partitions.map(({ topic }) => countOf(topic)),
      partitions.map(({ to }) => to),
    ],
  );
}
