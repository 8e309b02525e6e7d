import { setTimeout as sleep } from 'node:timers/promises';
import { crashPoint } from '@millrace/contracts';
import { readerOf } from '@millrace/projecting';
import { DatabaseError } from 'pg';
import type { ClientBase, PoolClient } from 'pg';
import { runTransaction } from '../in-transaction';
import { isDraining } from '../parking/compare-parked';
import { layoutOf } from '../projection-builds';
import type { BuildState } from '../projection-builds';
import type { ShapedBuild } from './compare-builds';
import { boundWaits, HOLD_MS, isLockNotAvailable, POLL_MS } from './hold-live';
import { behind, liftStops, lockPositions, readPositions, vectorOf } from './position-vector';
import { showInView } from './show-in-view';

export type SwapOutcome =
  /** Readers see the other build; folding of the former one was held for `pauseMs`. */
  | { readonly kind: 'swapped'; readonly pauseMs: number }
  /** Nothing was changed: the build did not get as far as the live one in time. */
  | { readonly kind: 'behind'; readonly partitions: readonly string[] }
  /** Nothing was changed: a reader's long transaction, or a commit, holds what has to be locked. */
  | { readonly kind: 'busy' }
  /** Nothing was changed: the columns are other ones, and something that is not the platform's depends on the view. */
  | { readonly kind: 'blocked'; readonly reason: string }
  /** Nothing was changed: the builds are not what they were taken for. */
  | { readonly kind: 'obsolete' };

export interface SwapOptions {
  /** What readers see now. */
  readonly from: ShapedBuild;
  readonly to: ShapedBuild;
  /** What `to` has to be now. */
  readonly expected: BuildState;
  /** Commits together with the swap. When it answers false, because the builds' owner gave up, nothing is changed. */
  readonly alongside?: (tx: ClientBase, heldMs: number) => Promise<boolean>;
}

class GivenUp extends Error {}

const DEPENDENT_OBJECTS = '2BP01';

/**
 * Shows readers another build, in one transaction: the view, the states of both builds and the version. The live build's
 * positions are locked first, so its projector waits while the other one draws level, and no reader goes back in time.
 * Readers see all of the one build or all of the other; one that would have to wait for a lock waits for 300 ms at most,
 * then the swap gives way. A crash at any point leaves either build live.
 */
export async function swapBuilds(client: PoolClient, options: SwapOptions): Promise<SwapOutcome> {
  const { from, to } = options;
  try {
    return await runTransaction(client, async (tx) => {
      await boundWaits(tx);
      if (!(await isAsExpected(tx, options))) return { kind: 'obsolete' };
      const live = vectorOf(await lockPositions(tx, readerOf(from.build)));
      const heldSince = performance.now();
      for (;;) {
        const late = behind(vectorOf(await readPositions(tx, readerOf(to.build))), live);
        // What the other build has parked no longer, readers have seen.
        if (late.length === 0 && (await isDraining(tx, [readerOf(to.build)]))) late.push('parked events');
        if (late.length === 0) break;
        if (performance.now() - heldSince > HOLD_MS) return { kind: 'behind', partitions: late };
        await sleep(POLL_MS);
      }
      await tx.query("SET LOCAL lock_timeout = '300ms'");
      await showInView(tx, from, to);
      crashPoint('view-replaced');
      await changeStates(tx, from, to);
      await liftStops(tx, readerOf(to.build));
      const heldMs = Math.ceil(performance.now() - heldSince);
      if ((await options.alongside?.(tx, heldMs)) === false) throw new GivenUp();
      return { kind: 'swapped', pauseMs: heldMs };
    });
  } catch (error) {
    if (error instanceof GivenUp) return { kind: 'obsolete' };
    if (isLockNotAvailable(error)) return { kind: 'busy' };
    if (!(error instanceof DatabaseError)) throw error;
    if (error.code === DEPENDENT_OBJECTS) return { kind: 'blocked', reason: error.detail ?? error.message };
    throw error;
  }
}

async function isAsExpected(tx: ClientBase, { from, to, expected }: SwapOptions): Promise<boolean> {
  const { projection } = from.build;
  await tx.query('SELECT FROM millrace.projection WHERE name = $1 FOR UPDATE', [projection]);
  const { rows } = await tx.query<{ build: number; state: BuildState }>(
    'SELECT build, state FROM millrace.projection_build WHERE projection = $1',
    [projection],
  );
  const stateOf = (number: number) => rows.find(({ build }) => build === number)?.state;
  return stateOf(from.build.build) === 'live' && stateOf(to.build.build) === expected;
}

async function changeStates(tx: ClientBase, from: ShapedBuild, to: ShapedBuild): Promise<void> {
  const become = (state: BuildState, { build }: ShapedBuild) =>
    tx.query(
      'UPDATE millrace.projection_build SET state = $3, changed_at = now() WHERE projection = $1 AND build = $2',
      [build.projection, build.build, state],
    );
  // No two builds of a projection are in the same state, not even in between.
  await become('building', to);
  await become('previous', from);
  await become('live', to);
  await tx.query('UPDATE millrace.projection SET live_version = $2, layout = $3 WHERE name = $1', [
    to.build.projection,
    to.build.version,
    JSON.stringify(layoutOf(to.shape)),
  ]);
}
