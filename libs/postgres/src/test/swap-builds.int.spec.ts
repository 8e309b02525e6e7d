import { readerOf } from '@millrace/projecting';
import type { ProjectionBuild } from '@millrace/projecting';
import { createPlatformDatabase, waitFor } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import type { PoolClient } from 'pg';
import { ProjectionQuery, readBuilds, swapBuilds } from '../index';
import type { BuildState } from '../index';
import type { ShapedBuild } from '../replay/compare-builds';
import { liftStops } from '../replay/position-vector';
import { beginRebuild, TrialProjector } from './trial-builds';
import { everyColumn } from './trial-projections';

describe('a swap', () => {
  let database: TestDatabase;
  let session: PoolClient;
  const projectors: TrialProjector[] = [];

  beforeAll(async () => {
    database = await createPlatformDatabase();
    session = await database.pool.connect();
  });

  afterEach(() => Promise.allSettled(projectors.splice(0).map((projector) => projector.stop())));

  afterAll(async () => {
    session.release();
    await database.drop();
  });

  /** Folds each record into the one row of its partition, which says which build it is in and how far that has come. */
  const projectorOf = (build: ProjectionBuild) => {
    const projection = everyColumn(build.projection);
    const projector = new TrialProjector(database.pool, {
      projection,
      build,
      rowsOf: (partition, offset) =>
        new Map([[`p${partition}`, { ...projection.empty, aText: `build ${build.build}`, aBigint: offset }]]),
    });
    projectors.push(projector);
    return projector;
  };
  const swapUntilDone = (from: ShapedBuild, to: ShapedBuild, expected: BuildState) =>
    waitFor('the swap', async () => (await swapBuilds(session, { from, to, expected })).kind === 'swapped');
  const statesOf = async (name: string) =>
    (await readBuilds(database.pool, [name])).map(({ build, state }) => [build, state]);

  it('and the way back show each reader all of one build or all of the other, and never go back in time', async () => {
    const projection = everyColumn('swapped');
    const { live, rebuilt } = await beginRebuild(database.pool, projection);
    await liftStops(database.pool, readerOf(rebuilt.build));
    const sides = [live, rebuilt].map(({ build }) => projectorOf(build));
    for (const side of sides) await side.fold(1);
    for (const side of sides) side.start();

    const query = new ProjectionQuery(database.pool, projection);
    const swapping = new AbortController();
    const seen = new Set<number>();
    const read = async () => {
      const former = [0n, 0n];
      while (!swapping.signal.aborted) {
        const { rows, positions, build } = await query.list({ limit: 9 });
        seen.add(build.build);
        expect(rows.map(({ aText }) => aText)).toEqual(rows.map(() => `build ${build.build}`));
        expect(positions.toSorted()).toEqual(rows.map(({ aBigint }, at) => `trial/${at}/${String(aBigint)}`));
        const present = rows.map(({ aBigint }) => aBigint as bigint);
        expect(present.filter((offset, at) => offset < former[at]!)).toEqual([]);
        former.splice(0, 2, ...present);
      }
    };
    const reading = Promise.all([read(), read(), read()]);
    const swaps = async () => {
      await swapUntilDone(live, rebuilt, 'building');
      expect(await statesOf('swapped')).toEqual([
        [1, 'previous'],
        [2, 'live'],
      ]);
      await swapUntilDone(rebuilt, live, 'previous');
      expect(await statesOf('swapped')).toEqual([
        [1, 'live'],
        [2, 'previous'],
      ]);
      await swapUntilDone(live, rebuilt, 'previous');
    };
    await Promise.race([swaps(), reading]).finally(() => swapping.abort());
    await reading;
    for (const side of sides) await side.stop();
    expect(seen).toEqual(new Set([1, 2]));
  });

  it('lets what the live side waited with commit afterwards, and the new one follow the log', async () => {
    const projection = everyColumn('waiting');
    const { live, rebuilt } = await beginRebuild(database.pool, projection);
    await liftStops(database.pool, readerOf(rebuilt.build));
    const sides = [live, rebuilt].map(({ build }) => projectorOf(build));
    for (const side of sides) await side.fold(1);
    let folding: Promise<void> | undefined;
    const alongside = async () => {
      folding = sides[0]?.fold(1);
      await waitFor('the live side to wait', async () => {
        const sql =
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ~ 'millrace.position'";
        return (await database.query(sql)).length === 1;
      });
      return true;
    };
    const swapped = await swapBuilds(session, { from: live, to: rebuilt, expected: 'building', alongside });
    expect(swapped).toMatchObject({ kind: 'swapped' });
    await folding;
    await sides[1]?.fold(2);
    const { positions, build } = await new ProjectionQuery(database.pool, projection).list({ limit: 1 });
    expect(build).toEqual(rebuilt.build);
    expect(positions.toSorted()).toEqual(['trial/0/2', 'trial/1/2']);
    expect(await statesOf('waiting')).toEqual([
      [1, 'previous'],
      [2, 'live'],
    ]);
  });

  it('waits while the other build folds parked events that readers may have seen', async () => {
    const projection = everyColumn('parked');
    const { live, rebuilt } = await beginRebuild(database.pool, projection);
    await database.pool.query(
      `INSERT INTO millrace.key_fence (reader, topic, partition, fence, state, next_attempt_at)
       VALUES ($1, 'trial', 0, 'ka', 'parked', now())`,
      [readerOf(rebuilt.build)],
    );
    const swap = () => swapBuilds(session, { from: live, to: rebuilt, expected: 'building' });
    expect(await swap()).toEqual({ kind: 'behind', partitions: ['parked events'] });
    // Folded without success, it is as it was.
    await database.pool.query("UPDATE millrace.key_fence SET state = 'dead' WHERE reader = $1", [
      readerOf(rebuilt.build),
    ]);
    expect(await swap()).toMatchObject({ kind: 'swapped' });
  });
});
