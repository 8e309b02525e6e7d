import { readerOf } from '@millrace/projecting';
import type { ProjectionBuild } from '@millrace/projecting';
import { createPlatformDatabase, waitFor } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import type { PoolClient } from 'pg';
import { proveBuilds } from '../index';
import { beginRebuild, commitUnderWay, TrialProjector } from './trial-builds';
import type { TrialBuilds, TrialProjectorOptions as Options } from './trial-builds';
import { everyColumn } from './trial-projections';

describe('the proof of a rebuild', () => {
  let database: TestDatabase;
  let session: PoolClient;
  const projectors: TrialProjector[] = [];
  let builds: TrialBuilds;
  let trials = 0;

  beforeAll(async () => {
    database = await createPlatformDatabase();
    session = await database.pool.connect();
  });

  afterEach(() => Promise.allSettled(projectors.splice(0).map((projector) => projector.stop())));

  afterAll(async () => {
    session.release();
    await database.drop();
  });

  beforeEach(async () => {
    builds = await beginRebuild(database.pool, everyColumn(`proven${(trials += 1)}`));
  });

  /** Each record makes a row, so the number of rows says exactly how far a build has come. */
  const projectorOf = (build: ProjectionBuild, more: Partial<Options> = {}) => {
    const projection = everyColumn(build.projection);
    const rowsOf: Options['rowsOf'] = (partition, offset) =>
      new Map([[`${partition}/${offset}`, { ...projection.empty, aBigint: offset }]]);
    const projector = new TrialProjector(database.pool, { projection, build, rowsOf, ...more });
    projectors.push(projector);
    return projector;
  };
  const prove = () => proveBuilds(database.pool, session, builds);
  const nextOffsets = async ({ build }: { build: ProjectionBuild }) => {
    const sql = 'SELECT next_offset FROM millrace.position WHERE reader = $1 ORDER BY partition';
    return (await database.query<{ next_offset: bigint }>(sql, [readerOf(build)])).map(
      (at) => at.next_offset,
    );
  };

  it('compares at exactly one position vector while both sides fold on, the live one always ahead', async () => {
    const live = projectorOf(builds.live.build);
    await live.fold(30);
    const passed: string[] = [];
    const rebuilt = projectorOf(builds.rebuilt.build, {
      within: async (tx, partition, next) => {
        const sql = 'SELECT next_offset FROM millrace.position WHERE reader = $1 AND partition = $2';
        const { rows } = await tx.query<{ next_offset: bigint }>(sql, [
          readerOf(builds.live.build),
          partition,
        ]);
        if ((rows[0]?.next_offset ?? 0n) < next) passed.push(`${partition}/${next}`);
      },
    });
    live.start();
    rebuilt.start();
    for (let proofs = 0; proofs < 3;) {
      const outcome = await prove();
      if (outcome.kind === 'behind' || outcome.kind === 'busy') continue;
      if (outcome.kind !== 'compared') throw new Error(outcome.kind);
      const { proof } = outcome;
      const offsets = proof.positions.map((position) => Number(position.split('/')[2]) + 1);
      expect(proof).toMatchObject({ equal: true, sameLogic: true, differing: { keys: '0' } });
      expect(proof.live.rows).toBe(String(offsets.reduce((sum, offset) => sum + offset, 0)));
      proofs += 1;
      await waitFor('the live side to go on', async () => (await nextOffsets(builds.live))[0]! > offsets[0]!);
    }
    await Promise.all([live.stop(), rebuilt.stop()]);
    expect(passed).toEqual([]);
  });

  it('tells which keys differ when the rebuilt side has folded something else', async () => {
    await projectorOf(builds.live.build).fold(3);
    const rowsOf: Options['rowsOf'] = (partition, offset) =>
      new Map([[`${partition}/${offset}`, { aBigint: offset === 1n ? 7n : offset }]]);
    const rebuilt = projectorOf(builds.rebuilt.build, { rowsOf });
    rebuilt.start();
    const outcome = await prove();
    await rebuilt.stop();
    expect(outcome).toMatchObject({
      kind: 'compared',
      proof: { equal: false, differing: { keys: '2', examples: [{ key: '0/1' }, { key: '1/1' }] } },
    });
  });

  it('is given up when nobody folds the rebuilt side, and what the live side waited with then commits', async () => {
    await projectorOf(builds.live.build).fold(3);
    const proving = prove();
    const live = projectorOf(builds.live.build);
    await waitForLock();
    const folding = live.fold(1);
    expect(await proving).toEqual({ kind: 'behind' });
    await folding;
    expect(await nextOffsets(builds.live)).toEqual([4n, 4n]);
  });

  it('is put off while a commit of the live side is under way', async () => {
    const commit = await commitUnderWay((options) => projectorOf(builds.live.build, options));
    expect(await prove()).toEqual({ kind: 'busy' });
    await commit.letGo();
  });

  it('is put off while a commit of the rebuilt side hangs, and does not hold the live side meanwhile', async () => {
    await projectorOf(builds.live.build).fold(2);
    await database.query('UPDATE millrace.position SET stop_at = 1 WHERE reader = $1', [
      readerOf(builds.rebuilt.build),
    ]);
    const commit = await commitUnderWay((options) => projectorOf(builds.rebuilt.build, options));
    expect(await prove()).toEqual({ kind: 'busy' });
    await projectorOf(builds.live.build).fold(1);
    await commit.letGo();
  });

  it('refuses a log that has another record where the live side has read one', async () => {
    await projectorOf(builds.live.build).fold(2);
    const rebuilt = projectorOf(builds.rebuilt.build, { log: 'made again' });
    rebuilt.start();
    const outcome = await prove();
    await rebuilt.stop();
    expect(outcome).toEqual({ kind: 'another-log', where: 'trial/0/1' });
  });

  /** Waits until somebody holds the positions of the live build. */
  const waitForLock = () =>
    waitFor('the live positions to be locked', async () => {
      const sql = 'SELECT FROM millrace.position WHERE reader = $1 FOR UPDATE SKIP LOCKED';
      return (await database.query(sql, [readerOf(builds.live.build)])).length === 0;
    });
});
