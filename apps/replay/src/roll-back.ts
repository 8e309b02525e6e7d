import { setTimeout as sleep } from 'node:timers/promises';
import { ExclusiveSession, keptBuild, liveBuild, shapedBuild, swapBuilds } from '@millrace/postgres';
import type { Database, StoredBuild, Swap, SwapOutcome } from '@millrace/postgres';
import { RollbackDelayedError } from './errors';

const ROLLBACK_TRIES_MS = 10_000;
const ROLLBACK_RETRY_MS = 250;

export interface RolledBack {
  readonly live: StoredBuild;
  readonly previous: StoredBuild;
  readonly swap: Swap;
}

/**
 * Shows readers the build of before again; the one that they see now is kept in its place. Tries for ten seconds.
 * @throws NothingKeptError, RollbackDelayedError
 */
export async function rollBack(database: Database, projection: string): Promise<RolledBack> {
  const deadline = performance.now() + ROLLBACK_TRIES_MS;
  const session = await ExclusiveSession.tryOpen(database, `millrace/rollback/${projection}`);
  if (session === undefined)
    throw new RollbackDelayedError(projection, 'another rollback of it is under way');
  try {
    for (let attempts = 1; ; attempts++) {
      const kept = await keptBuild(database, projection);
      const live = await liveBuild(database, projection);
      if (live === undefined) {
        throw new RollbackDelayedError(projection, 'it has no live build at this moment');
      }
      const [from, to] = await Promise.all([shapedBuild(database, live), shapedBuild(database, kept)]);
      const outcome = await swapBuilds(session.client, { from, to, expected: 'previous' });
      if (outcome.kind === 'swapped') {
        const swap = { at: new Date().toISOString(), attempts, pauseMs: outcome.pauseMs };
        return { live: kept, previous: live, swap };
      }
      if (performance.now() > deadline) throw new RollbackDelayedError(projection, explain(outcome));
      await sleep(ROLLBACK_RETRY_MS);
    }
  } finally {
    session.close();
  }
}

function explain(outcome: Exclude<SwapOutcome, { kind: 'swapped' }>): string {
  switch (outcome.kind) {
    case 'behind':
      return (
        `the build of before is behind in ${outcome.partitions.join(', ')}. A projection service has to host its ` +
        'version for as long as it is kept'
      );
    case 'busy':
      return 'a long transaction reads or writes the read model';
    case 'blocked':
      return `the build of before has other columns, and ${outcome.reason}; drop that first`;
    case 'obsolete':
      return 'its builds have just changed';
  }
}
