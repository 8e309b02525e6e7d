import { crashPoint } from '@millrace/contracts';
import { readerOf } from '@millrace/projecting';
import type { ProjectionBuild, ProjectionShape } from '@millrace/projecting';
import type { ClientBase, Pool, PoolClient } from 'pg';
import { inTransaction, runTransaction } from '../in-transaction';
import { createTableSql } from '../read-model-sql';
import { BuildKeptError, ReplayActiveError, ReplayNotFoundError, ReplayStateError } from './errors';
import type { Proof } from './prove-builds';
import { liftStops, stopHere } from './position-vector';

export type RunState = 'building' | 'proving' | 'review' | 'refused' | 'swapping' | 'done' | 'cancelled';

/** What a run was begun with; offsets are text. */
export interface RunPlan {
  readonly sameLogic: boolean;
  readonly partitions: readonly {
    readonly topic: string;
    readonly partition: number;
    /** The first offset that is read. */
    readonly from: string;
    /** Where the live build stood when it was planned. */
    readonly to: string;
  }[];
}

export interface Swap {
  /** ISO 8601. */
  readonly at: string;
  readonly attempts: number;
  /** How long folding was held. */
  readonly pauseMs: number;
}

export interface ReplayRun {
  readonly id: number;
  readonly kind: 'rebuild';
  readonly state: RunState;
  readonly paused: boolean;
  readonly build: ProjectionBuild;
  /** The build that was live when it began. */
  readonly replaces: ProjectionBuild;
  readonly plan: RunPlan;
  readonly reason: string | undefined;
  readonly proof: Proof | undefined;
  readonly swap: Swap | undefined;
  readonly requestedAt: Date;
  readonly finishedAt: Date | undefined;
}

interface RunRow {
  id: number;
  projection: string;
  version: number;
  build: number;
  replaces: number;
  replaced_version: number;
  state: RunState;
  paused: boolean;
  reason: string | null;
  plan: RunPlan;
  proof: Proof | null;
  swap: Swap | null;
  requested_at: Date;
  finished_at: Date | null;
}

const SELECT = `SELECT run.*, replaced.version AS replaced_version FROM millrace.replay_run AS run
  JOIN millrace.projection_build AS replaced ON replaced.projection = run.projection AND replaced.build = run.replaces`;
const ACTIVE = "run.state NOT IN ('done', 'cancelled')";
const LISTED = 50;

/** The runs of replays, as they are kept. Each change is a compare-and-set, safe from any number of processes. */
export class ReplayRuns {
  constructor(private readonly pool: Pool) {}

  /**
   * Begins a rebuild: its table, its positions at the start of the log with a stop at the plan's end, and the run, all at
   * once. From then on the processes that host the version fold it.
   * @throws ReplayActiveError, BuildKeptError
   */
  async begin(shape: ProjectionShape, replaces: ProjectionBuild, plan: RunPlan): Promise<ReplayRun> {
    const id = await inTransaction(this.pool, async (tx) => {
      await tx.query('SELECT FROM millrace.projection WHERE name = $1 FOR UPDATE', [shape.name]);
      await refuseWhenBusy(tx, shape.name);
      const { rows: numbers } = await tx.query<{ next: number }>(
        'SELECT max(build) + 1 AS next FROM millrace.projection_build WHERE projection = $1',
        [shape.name],
      );
      const build = { projection: shape.name, version: shape.version, build: numbers[0]?.next ?? 1 };
      await tx.query(
        `INSERT INTO millrace.projection_build (projection, build, version, state, reader)
         VALUES ($1, $2, $3, 'building', $4)`,
        [build.projection, build.build, build.version, readerOf(build)],
      );
      await tx.query(createTableSql(shape, build));
      await insertPositions(tx, readerOf(build), plan);
      crashPoint('build-made');
      const { rows } = await tx.query<{ id: number }>(
        `INSERT INTO millrace.replay_run (kind, projection, version, build, replaces, state, plan)
         VALUES ('rebuild', $1, $2, $3, $4, 'building', $5) RETURNING id`,
        [build.projection, build.version, build.build, replaces.build, JSON.stringify(plan)],
      );
      return rows[0]?.id ?? 0;
    });
    return this.get(id);
  }

  /** @throws ReplayNotFoundError */
  async get(id: number): Promise<ReplayRun> {
    const { rows } = await this.pool.query<RunRow>(`${SELECT} WHERE run.id = $1`, [id]);
    if (rows[0] === undefined) throw new ReplayNotFoundError(id);
    return runOf(rows[0]);
  }

  /** The latest runs, newest first. */
  async list(filter: { readonly projection?: string; readonly active?: boolean } = {}): Promise<ReplayRun[]> {
    const { rows } = await this.pool.query<RunRow>(
      `${SELECT} WHERE ($1::text IS NULL OR run.projection = $1) AND ($2::boolean IS NULL OR (${ACTIVE}) = $2)
        ORDER BY run.id DESC LIMIT ${LISTED}`,
      [filter.projection ?? null, filter.active ?? null],
    );
    return rows.map(runOf);
  }

  /** Stops reading where it stands; while it is paused nothing is read and nothing is proven. @throws ReplayStateError */
  async pause(id: number): Promise<ReplayRun> {
    const run = await this.change(id, 'pause', ['building', 'proving'], 'paused = true');
    await stopHere(this.pool, readerOf(run.build));
    return run;
  }

  /** Idempotent, as pausing is. The coordinator raises the stops again. @throws ReplayStateError */
  async resume(id: number): Promise<ReplayRun> {
    return this.change(id, 'resume', ['building', 'proving'], "paused = false, state = 'building'");
  }

  /** Accepts the difference of another version's rows; the swap follows. @throws ReplayStateError */
  async approve(id: number): Promise<ReplayRun> {
    return this.change(id, 'approve', ['review'], "state = 'swapping', reason = NULL");
  }

  /** Gives the run up and releases its tables; readers never saw them. @throws ReplayStateError */
  async cancel(id: number): Promise<ReplayRun> {
    const states: RunState[] = ['building', 'proving', 'review', 'refused', 'swapping'];
    await inTransaction(this.pool, async (tx) => {
      const set = "state = 'cancelled', paused = false, finished_at = now()";
      const { rows } = await tx.query<{ projection: string; build: number; version: number }>(
        `UPDATE millrace.replay_run SET ${set}, changed_at = now() WHERE id = $1 AND state = ANY($2)
         RETURNING projection, build, version`,
        [id, states],
      );
      if (rows[0] !== undefined) await releaseBuild(tx, rows[0]);
    });
    const run = await this.get(id);
    if (run.state !== 'cancelled') throw new ReplayStateError(id, run.state, 'cancel');
    return run;
  }

  private async change(
    id: number,
    what: string,
    states: readonly RunState[],
    set: string,
  ): Promise<ReplayRun> {
    const { rowCount } = await this.pool.query(
      `UPDATE millrace.replay_run SET ${set}, changed_at = now() WHERE id = $1 AND state = ANY($2)`,
      [id, states],
    );
    const run = await this.get(id);
    if (rowCount !== 1) throw new ReplayStateError(id, run.state, what);
    return run;
  }
}

/** What the coordinator makes of a run: nothing when somebody else has changed its state meanwhile. */
export async function advanceRun(
  on: ClientBase,
  run: ReplayRun,
  to: { readonly state: RunState; readonly reason?: string; readonly proof?: Proof; readonly swap?: Swap },
): Promise<boolean> {
  const { rowCount } = await on.query(
    `UPDATE millrace.replay_run
        SET state = $3, reason = $4, proof = coalesce($5, proof), swap = coalesce($6, swap), changed_at = now(),
            finished_at = CASE WHEN $3 IN ('done', 'cancelled') THEN now() END
      WHERE id = $1 AND state = $2 AND NOT paused`,
    [
      run.id,
      run.state,
      to.state,
      to.reason ?? null,
      to.proof === undefined ? null : JSON.stringify(to.proof),
      to.swap === undefined ? null : JSON.stringify(to.swap),
    ],
  );
  return rowCount === 1;
}

/** How long a run that is over can still be looked at. */
const KEPT = '90 days';

/** Forgets runs that ended long ago; what they built, or did not, is not touched. */
export async function forgetOldRuns(on: ClientBase): Promise<void> {
  await on.query(`DELETE FROM millrace.replay_run WHERE finished_at < now() - interval '${KEPT}'`);
}

/** Keeps a paused run where it stands, also when its stops were raised while it was being paused. Always `false`. */
export async function holdRun(pool: Pool, run: ReplayRun): Promise<false> {
  await stopHere(pool, readerOf(run.build));
  return false;
}

/** Gives a run up for a reason of the platform's own. */
export async function cancelRun(client: PoolClient, run: ReplayRun, reason: string): Promise<boolean> {
  return runTransaction(client, async (tx) => {
    const isMine = await advanceRun(tx, run, { state: 'cancelled', reason });
    if (isMine) await releaseBuild(tx, run.build);
    return isMine;
  });
}

/** Nobody folds the build from here on; its table is dropped a little later, see dropReleasedBuilds. */
export async function releaseBuild(tx: ClientBase, build: ProjectionBuild): Promise<void> {
  await tx.query(
    "UPDATE millrace.projection_build SET state = 'released', changed_at = now() WHERE projection = $1 AND build = $2",
    [build.projection, build.build],
  );
  // Whoever has the partition now is fenced, and whoever takes it has to stop at once.
  await tx.query('UPDATE millrace.position SET epoch = epoch + 1, stop_at = 0 WHERE reader = $1', [
    readerOf(build),
  ]);
}

/** Lets a build go on to the end of the log and follow it. */
export async function followLog(on: ClientBase, build: ProjectionBuild): Promise<void> {
  await liftStops(on, readerOf(build));
}

async function refuseWhenBusy(tx: ClientBase, projection: string): Promise<void> {
  const { rows: active } = await tx.query<{ id: number; state: RunState }>(
    `SELECT id, state FROM millrace.replay_run AS run WHERE projection = $1 AND ${ACTIVE}`,
    [projection],
  );
  if (active[0] !== undefined) throw new ReplayActiveError(projection, active[0].id, active[0].state);
  const { rows: kept } = await tx.query<{ build: number; version: number }>(
    "SELECT build, version FROM millrace.projection_build WHERE projection = $1 AND state = 'previous'",
    [projection],
  );
  if (kept[0] !== undefined) throw new BuildKeptError({ projection, ...kept[0] });
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

function runOf(row: RunRow): ReplayRun {
  const { id, projection, version, build, replaces, replaced_version: replacedVersion } = row;
  return {
    id,
    kind: 'rebuild',
    state: row.state,
    paused: row.paused,
    build: { projection, version, build },
    replaces: { projection, version: replacedVersion, build: replaces },
    plan: row.plan,
    reason: row.reason ?? undefined,
    proof: row.proof ?? undefined,
    swap: row.swap ?? undefined,
    requestedAt: row.requested_at,
    finishedAt: row.finished_at ?? undefined,
  };
}
