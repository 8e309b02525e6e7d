import { readerOf } from '@millrace/projecting';
import {
  advanceRun,
  behind,
  cancelRun,
  holdRun,
  liveBuild,
  proveBuilds,
  readPositions,
  setStops,
  shapedBuild,
  swapBuilds,
  vectorOf,
} from '@millrace/postgres';
import type { Database, DatabaseTransaction, IndexKeeper, ReplayRun, SwapOutcome } from '@millrace/postgres';
import { isInStep } from './in-step';
import { judgeProof } from './judge-proof';

/** What a step is taken with: the pool, who makes indexes, and the connection that the coordinator's lock lives on, which alone decides. */
export interface StepConnections {
  readonly database: Database;
  readonly session: DatabaseTransaction;
  readonly indexes: IndexKeeper;
}

/**
 * Takes a run one step further, as far as it can go now; called again and again until the run is over. Everything it
 * decides on is read from the database first, and each change of state is a compare-and-set: a step that a crash cut
 * off is simply taken again. `false` when there was nothing to do but wait.
 */
export async function step(run: ReplayRun, connections: StepConnections): Promise<boolean> {
  if (run.paused) return holdRun(connections.database, run);
  if (await isOutdated(run, connections)) {
    return cancelRun(connections.session, run, 'another build went live meanwhile; ask for it again');
  }
  switch (run.state) {
    case 'building':
      return catchUp(run, connections);
    case 'proving':
      return prove(run, connections);
    case 'swapping':
      return swap(run, connections);
    case 'review':
    case 'refused':
    case 'done':
    case 'cancelled':
      return false;
  }
}

/** Whether a verification would compare with a build that readers do not see any more; a rebuild keeps it from changing. */
async function isOutdated(run: ReplayRun, { database }: StepConnections): Promise<boolean> {
  if (run.kind !== 'verify') return false;
  return (await liveBuild(database, run.build.projection))?.build !== run.replaces.build;
}

/** Lets the build read as far as the live one has, never further, until hardly anything is between the two. */
async function catchUp(run: ReplayRun, { database, session, indexes }: StepConnections): Promise<boolean> {
  const live = await readPositions(database, readerOf(run.replaces));
  const rebuilt = await readPositions(database, readerOf(run.build));
  if (isInStep(live, rebuilt)) {
    const built = await shapedBuild(database, run.build);
    // Readers must not meet it without them. Nothing to do is the rule, and waits for no other look.
    if (run.kind === 'verify' || built.shape.indexes.length === 0 || indexes.keep(built)) {
      return advanceRun(session, run, { state: 'proving' });
    }
    await advanceRun(session, run, { state: 'building', reason: 'its indexes are being made' });
  }
  await setStops(database, readerOf(run.build), vectorOf(live));
  return false;
}

async function prove(run: ReplayRun, { database, session }: StepConnections): Promise<boolean> {
  const builds = {
    live: await shapedBuild(database, run.replaces),
    rebuilt: await shapedBuild(database, run.build),
    sample: run.sample,
  };
  const outcome = await proveBuilds(database, session, builds);
  switch (outcome.kind) {
    case 'compared':
      return judgeProof(run, outcome.proof, session);
    case 'another-log': {
      const reason =
        `the record at ${outcome.where} is not the one that the live build has read there: the topic was made again. ` +
        'Nothing was swapped.';
      if (run.kind === 'verify') return cancelRun(session, run, reason);
      return advanceRun(session, run, { state: 'refused', reason });
    }
    case 'behind':
    case 'busy':
      // The live build folds on in the meantime.
      await advanceRun(session, run, { state: 'building' });
      return false;
  }
}

async function swap(run: ReplayRun, { database, session }: StepConnections): Promise<boolean> {
  const live = await readPositions(database, readerOf(run.replaces));
  const rebuilt = await readPositions(database, readerOf(run.build));
  if (!isInStep(live, rebuilt)) {
    const partitions = behind(vectorOf(rebuilt), vectorOf(live));
    await advanceRun(session, run, { state: 'swapping', reason: explain({ kind: 'behind', partitions }) });
    return false;
  }
  const attempts = (run.swap?.attempts ?? 0) + 1;
  const swapped = (pauseMs: number) => ({ at: new Date().toISOString(), attempts, pauseMs });
  const outcome = await swapBuilds(session, {
    from: await shapedBuild(database, run.replaces),
    to: await shapedBuild(database, run.build),
    expected: 'building',
    alongside: (tx, heldMs) => advanceRun(tx, run, { state: 'done', swap: swapped(heldMs) }),
  });
  switch (outcome.kind) {
    case 'swapped':
      return true;
    case 'behind':
    case 'busy':
    case 'blocked':
      await advanceRun(session, run, { state: 'swapping', reason: explain(outcome), swap: swapped(0) });
      return false;
    case 'obsolete':
      return cancelRun(session, run, 'the live build is not the one that this run was to replace');
  }
}

function explain(outcome: Extract<SwapOutcome, { kind: 'behind' | 'busy' | 'blocked' }>): string {
  switch (outcome.kind) {
    case 'behind':
      return `the rebuilt side is behind in ${outcome.partitions.join(', ')}; the swap waits for it`;
    case 'busy':
      return 'a long transaction reads or writes the read model; the swap waits for it to end';
    case 'blocked':
      return (
        `the version that is rebuilt has other columns, and ${outcome.reason}; the swap waits until that is dropped, ` +
        'and it can be made again afterwards'
      );
  }
}
