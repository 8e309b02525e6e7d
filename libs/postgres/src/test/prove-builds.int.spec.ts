import { isInSample, readerOf } from '@millrace/projecting';
import type { ProjectionBuild } from '@millrace/projecting';
import { createPlatformDatabase, waitFor } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import type { PoolClient } from 'pg';
import { proveBuilds } from '../index';
import { compareParked } from '../parking/compare-parked';
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

  /** Says that a build has parked a key of partition 0 behind this event, or that its queue is being folded. */
  const parkIn = ({ build }: { build: ProjectionBuild }, offset: number, state = 'dead') =>
    database.pool.query(
      `WITH fenced AS (INSERT INTO millrace.key_fence (reader, topic, partition, fence, state, next_attempt_at)
                       VALUES ($1, 'trial', 0, 'ka', $3, now())
                       ON CONFLICT (reader, topic, partition, fence) DO UPDATE SET state = $3)
       INSERT INTO millrace.parked_record (reader, topic, partition, record_offset, fence, state, headers, timestamp_ms)
       VALUES ($1, 'trial', 0, $2, 'ka', 'dead', '[]', 0) ON CONFLICT DO NOTHING`,
      [readerOf(build), offset, state],
    );

  it('tells what is parked on either side, and calls them equal only with the same events parked', async () => {
    await projectorOf(builds.live.build).fold(3);
    projectorOf(builds.rebuilt.build).start();
    await parkIn(builds.live, 1);
    await parkIn(builds.rebuilt, 1);
    const parked = { live: 1, rebuilt: 1, differing: 0 };
    expect(await prove()).toMatchObject({ kind: 'compared', proof: { equal: true, parked } });
    await parkIn(builds.live, 2);
    const proof = { equal: false, differing: { keys: '0' }, parked: { ...parked, differing: 1 } };
    expect(await prove()).toMatchObject({ kind: 'compared', proof });
    // Of a sample that the key is not in, and of one that it is in.
    const sampled = await Promise.all(
      ['a seed', 'another', 'a third', 'a fourth', 'a fifth']
        .map((seed) => ({ seed, share: 0.5 }))
        .map(async (sample) => {
          const tx = await database.pool.connect();
          const reader = { live: readerOf(builds.live.build), rebuilt: readerOf(builds.rebuilt.build) };
          const found = await compareParked(tx, reader, sample);
          tx.release();
          return { isIn: isInSample(sample, 'a'), found };
        }),
    );
    for (const { isIn, found } of sampled) {
      expect(found).toEqual(isIn ? { ...parked, differing: 1 } : { live: 0, rebuilt: 0, differing: 0 });
    }
    expect(new Set(sampled.map(({ isIn }) => isIn)).size).toBe(2);
  });

  it('is put off while a queue of parked events is folded on either side', async () => {
    await projectorOf(builds.live.build).fold(3);
    projectorOf(builds.rebuilt.build).start();
    await parkIn(builds.live, 1, 'parked');
    expect(await prove()).toEqual({ kind: 'behind' });
    await parkIn(builds.live, 1);
    expect(await prove()).toMatchObject({ kind: 'compared' });
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
