import { readerOf } from '@millrace/projecting';
import type { ProjectionBuild } from '@millrace/projecting';
import type { ClientBase, Pool, PoolClient } from 'pg';
import { runTransaction } from '../in-transaction';
import { liftStops, stopHere } from './position-vector';
import type { Proof } from './prove-builds';
import { releaseBuild } from './release-build';
import { storedState } from './replay-run';
import type { ReplayRun, RunState, Swap } from './replay-run';

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
      storedState(run, run.state),
      storedState(run, to.state),
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

/** Ends a verification, whatever it has found: its build is given up. */
export async function endVerification(
  client: PoolClient,
  run: ReplayRun,
  found: { readonly proof: Proof; readonly reason?: string },
): Promise<boolean> {
  return endRun(client, run, { state: 'done', ...found });
}

/** Gives a run up for a reason of the platform's own. */
export async function cancelRun(client: PoolClient, run: ReplayRun, reason: string): Promise<boolean> {
  return endRun(client, run, { state: 'cancelled', reason });
}

async function endRun(
  client: PoolClient,
  run: ReplayRun,
  end: Parameters<typeof advanceRun>[2],
): Promise<boolean> {
  return runTransaction(client, async (tx) => {
    const isMine = await advanceRun(tx, run, end);
    if (isMine) await releaseBuild(tx, run.build);
    return isMine;
  });
}

/** Lets a build go on to the end of the log and follow it. */
export async function followLog(on: ClientBase, build: ProjectionBuild): Promise<void> {
  await liftStops(on, readerOf(build));
}
