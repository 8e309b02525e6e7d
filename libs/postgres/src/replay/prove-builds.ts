import { setTimeout as sleep } from 'node:timers/promises';
import { readerOf } from '@millrace/projecting';
import type { Pool, PoolClient } from 'pg';
import { inTransaction, runTransaction } from '../in-transaction';
import { compareParked } from '../parking/compare-parked';
import type { ParkedComparison } from '../parking/compare-parked';
import { compareBuilds } from './compare-builds';
import type { BuildsToCompare, Comparison } from './compare-builds';
import { boundWaits, HOLD_MS, isLockNotAvailable, POLL_MS } from './hold-live';
import { lastDone, lockPositions, readPositions, setStops, vectorOf } from './position-vector';
import type { PositionVector, VectorEntry } from './position-vector';

/**
 * What was found when a rebuilt model was compared with the live one at one position vector. Equal means equal rows, and the same
 * events parked.
 */
export interface Proof extends Comparison {
  /** Keys whose rows lack events on either side. */
  readonly parked: ParkedComparison;
  /** Whether both were folded by the same version: only then must they be equal. */
  readonly sameLogic: boolean;
  /** The last record of each partition that both include. */
  readonly positions: readonly string[];
}

export type ProofOutcome =
  | { readonly kind: 'compared'; readonly proof: Proof }
  /** The rebuilt side did not get to the live one's position in time, or parked events are being folded: try again. */
  | { readonly kind: 'behind' }
  /** A commit under way, of either side, held a position for too long: try again. */
  | { readonly kind: 'busy' }
  /** Both stand at the same offset and have not read the same record there: the log is not the one it was. */
  | { readonly kind: 'another-log'; readonly where: string };

/**
 * Compares a build with the live one at exactly one position vector. The live build's positions are locked, for at most
 * about 2 s; the rebuilt one is let go to exactly there and no further; one snapshot then sees both, the lock is given
 * back, and the rows are compared in the snapshot while both may fold on. Readers notice nothing.
 *
 * The rebuilt side must not have been let past the live one before, or it never stands where the live one does.
 */
export async function proveBuilds(
  pool: Pool,
  client: PoolClient,
  builds: BuildsToCompare,
): Promise<ProofOutcome> {
  const reader = { live: readerOf(builds.live.build), rebuilt: readerOf(builds.rebuilt.build) };
  try {
    return await inTransaction(
      pool,
      async (snapshot) => {
        const reached = await runTransaction(client, async (tx) => {
          await boundWaits(tx);
          const live = await lockPositions(tx, reader.live);
          await raiseStops(pool, reader.rebuilt, vectorOf(live));
          if (!(await reaches(pool, reader.rebuilt, vectorOf(live)))) return undefined;
          // The first statement of the transaction takes its snapshot, while nobody can move.
          return { live, rebuilt: await readPositions(snapshot, reader.rebuilt) };
        });
        if (reached === undefined) return { kind: 'behind' };
        const where = firstOtherRecord(reached.live, reached.rebuilt);
        if (where !== undefined) return { kind: 'another-log', where };
        const parked = await compareParked(snapshot, reader, builds.sample);
        if (parked === undefined) return { kind: 'behind' };
        const comparison = await compareBuilds(snapshot, builds);
        const equal = comparison.equal && parked.differing === 0;
        const sameLogic = builds.live.build.version === builds.rebuilt.build.version;
        const positions = lastDone(reached.live);
        return { kind: 'compared', proof: { ...comparison, equal, parked, sameLogic, positions } };
      },
      'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY',
    );
  } catch (error) {
    if (isLockNotAvailable(error)) return { kind: 'busy' };
    throw error;
  }
}

/** A commit of the rebuilt side that hangs must not hold the live one, whose positions are locked by now. */
async function raiseStops(pool: Pool, reader: string, stops: PositionVector): Promise<void> {
  await inTransaction(pool, async (tx) => {
    await tx.query("SET LOCAL lock_timeout = '1s'");
    await setStops(tx, reader, stops);
  });
}

async function reaches(pool: Pool, reader: string, target: PositionVector): Promise<boolean> {
  const deadline = performance.now() + HOLD_MS;
  for (;;) {
    const present = vectorOf(await readPositions(pool, reader));
    if ([...target].every(([at, offset]) => present.get(at) === offset)) return true;
    if (performance.now() > deadline) return false;
    await sleep(POLL_MS);
  }
}

function firstOtherRecord(live: readonly VectorEntry[], rebuilt: readonly VectorEntry[]): string | undefined {
  const other = live.find(({ topic, partition, last }) => {
    const same = rebuilt.find((each) => each.topic === topic && each.partition === partition)?.last;
    if (last === undefined || same === undefined) return false;
    return last.timestampMs !== same.timestampMs || last.identity !== same.identity;
  });
  return other === undefined ? undefined : `${other.topic}/${other.partition}/${other.nextOffset - 1n}`;
}
