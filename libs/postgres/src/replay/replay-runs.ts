import { readerOf } from '@millrace/projecting';
import type { KeySample, ProjectionBuild, ProjectionShape } from '@millrace/projecting';
import type { Pool } from 'pg';
import { inTransaction } from '../in-transaction';
import { beginRun } from './begin-run';
import type { BeginOptions } from './begin-run';
import { ReplayNotFoundError, ReplayStateError } from './errors';
import { stopHere } from './position-vector';
import type { Proof } from './prove-builds';
import { releaseBuild } from './release-build';
import { BUILDING, readState, RUN_IS_ACTIVE, storedStates } from './replay-run';
import type { ReplayRun, RunKind, RunPlan, RunState, Swap } from './replay-run';

interface RunRow {
  id: number;
  kind: RunKind;
  hold: boolean;
  sample: KeySample | null;
  projection: string;
  version: number;
  build: number;
  replaces: number;
  replaced_version: number;
  state: string;
  paused: boolean;
  reason: string | null;
  plan: RunPlan;
  proof: Proof | null;
  swap: Swap | null;
  requested_at: Date;
  finished_at: Date | null;
}

const SELECT = `SELECT run.*, replaced.version AS replaced_version, own.sample FROM millrace.replay_run AS run
  JOIN millrace.projection_build AS own ON own.projection = run.projection AND own.build = run.build
  JOIN millrace.projection_build AS replaced ON replaced.projection = run.projection AND replaced.build = run.replaces`;
const LISTED = 50;

/** The runs of replays, as they are kept. Each change is a compare-and-set, safe from any number of processes. */
export class ReplayRuns {
  constructor(private readonly pool: Pool) {}

  /**
   * Begins a rebuild, or a verification: its table, its positions at the start of the log with a stop at the plan's end, and the run, all at
   * once. From then on the processes that host the version fold it.
   * @throws ReplayActiveError, BuildKeptError, LiveBuildChangedError
   */
  async begin(
    shape: ProjectionShape,
    options: BeginOptions & { readonly replaces: ProjectionBuild; readonly plan: RunPlan },
  ): Promise<ReplayRun> {
    return this.get(await beginRun(this.pool, shape, options));
  }

  /** @throws ReplayNotFoundError */
  async get(id: number): Promise<ReplayRun> {
    const { rows } = await this.pool.query<RunRow>(`${SELECT} WHERE run.id = $1`, [id]);
    if (rows[0] === undefined) throw new ReplayNotFoundError(id);
    return runOf(rows[0]);
  }

  /** The latest runs, newest first. */
  async list(
    filter: { readonly projection?: string; readonly active?: boolean; readonly kind?: RunKind } = {},
  ): Promise<ReplayRun[]> {
    const { rows } = await this.pool.query<RunRow>(
      `${SELECT} WHERE ($1::text IS NULL OR run.projection = $1) AND ($2::boolean IS NULL OR (${RUN_IS_ACTIVE}) = $2)
          AND ($3::text IS NULL OR run.kind = $3)
        ORDER BY run.id DESC LIMIT ${LISTED}`,
      [filter.projection ?? null, filter.active ?? null, filter.kind ?? null],
    );
    return rows.map(runOf);
  }

  /** The last run of a kind that was done, of each projection, whatever it has found. */
  async lastDone(kind: RunKind): Promise<ReplayRun[]> {
    const { rows } = await this.pool.query<RunRow>(
      `${SELECT} WHERE run.id IN (SELECT max(id) FROM millrace.replay_run
                                   WHERE kind = $1 AND state = 'done' GROUP BY projection)`,
      [kind],
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
    return this.change(id, 'resume', ['building', 'proving'], `paused = false, state = ${BUILDING}`);
  }

  /** Lets what was held go live, another version's other rows too; the swap follows. @throws ReplayStateError */
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
        [id, storedStates(states)],
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
      [id, storedStates(states)],
    );
    const run = await this.get(id);
    if (rowCount !== 1) throw new ReplayStateError(id, run.state, what);
    return run;
  }
}

function runOf(row: RunRow): ReplayRun {
  const { id, projection, version, build, replaces, replaced_version: replacedVersion } = row;
  return {
    id,
    kind: row.kind,
    hold: row.hold,
    sample: row.sample ?? undefined,
    state: readState(row.state),
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
