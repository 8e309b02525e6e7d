import { createPlatformDatabase, waitFor } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import type { PoolClient } from 'pg';
import { inTransaction } from '../in-transaction';
import { ProjectionQuery, readBuilds, swapBuilds } from '../index';
import { beginRebuild, commitUnderWay, TrialProjector } from './trial-builds';
import type { TrialBuilds, TrialProjectorOptions } from './trial-builds';
import { everyColumn } from './trial-projections';

describe('a swap that cannot be had', () => {
  let database: TestDatabase;
  let session: PoolClient;
  let builds: TrialBuilds;
  let trials = 0;

  beforeAll(async () => {
    database = await createPlatformDatabase();
    session = await database.pool.connect();
  });

  afterAll(async () => {
    session.release();
    await database.drop();
  });

  beforeEach(async () => {
    builds = await beginRebuild(database.pool, everyColumn(`refused${(trials += 1)}`));
  });

  afterEach(async () => {
    const { projection } = builds.live.build;
    const states = (await readBuilds(database.pool, [projection])).map(({ state }) => state);
    expect(states).toEqual(['live', 'building']);
    const { build } = await query().list({ limit: 1 });
    expect(build).toEqual(builds.live.build);
  });

  const query = () => new ProjectionQuery(database.pool, builds.live.shape);
  const swap = (more: object = {}) =>
    swapBuilds(session, { from: builds.live, to: builds.rebuilt, expected: 'building', ...more });
  const projector = (options: Pick<TrialProjectorOptions, 'within'> = {}) =>
    new TrialProjector(database.pool, {
      projection: everyColumn(builds.live.build.projection),
      build: builds.live.build,
      rowsOf: () => new Map(),
      ...options,
    });

  it('because the other build does not draw level changes nothing, and names the partitions', async () => {
    await projector().fold(2);
    expect(await swap()).toEqual({ kind: 'behind', partitions: ['trial/0', 'trial/1'] });
    await projector().fold(1);
  });

  it('because of a long reader gives way, and other readers wait no longer than until then', async () => {
    const { projection } = builds.live.build;
    await inTransaction(database.pool, async (reader) => {
      await reader.query(`SELECT FROM read_model.${projection}`);
      const swapping = swap();
      await waitFor('the swap to wait for the reader', async () => {
        const waiting = `SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock' AND database =
          (SELECT oid FROM pg_database WHERE datname = current_database())`;
        return (await database.query(waiting)).length === 1 || settled(swapping);
      });
      const others = await Promise.all([query().byKey('x'), query().byKey('y')]);
      expect(others.map(({ build }) => build)).toEqual([builds.live.build, builds.live.build]);
      expect(await swapping).toEqual({ kind: 'busy' });
    });
  });

  it('because a commit of the live side is under way gives way to it', async () => {
    const commit = await commitUnderWay(projector);
    expect(await swap()).toEqual({ kind: 'busy' });
    await commit.letGo();
  });

  it('because the builds are not what they were taken for, or their owner gave up, changes nothing', async () => {
    expect(await swap({ expected: 'previous' })).toEqual({ kind: 'obsolete' });
    expect(await swap({ from: builds.rebuilt, to: builds.live })).toEqual({ kind: 'obsolete' });
    expect(await swap({ alongside: async () => false })).toEqual({ kind: 'obsolete' });
  });

  const settled = (promise: Promise<unknown>) =>
    Promise.race([promise.then(() => true), new Promise<false>((resolve) => setImmediate(resolve, false))]);
});
