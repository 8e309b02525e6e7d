import { createPlatformDatabase } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import type { PoolClient } from 'pg';
import { endVerification, prepareProjection, readBuilds, ReplayRuns, swapBuilds } from '../index';
import type { Proof, ReplayRun } from '../index';
import { beginRebuild } from './trial-builds';
import { everyColumn, firstBuild } from './trial-projections';

const equal: Proof = {
  equal: true,
  sameLogic: true,
  positions: [],
  parked: { live: 0, rebuilt: 0, differing: 0 },
  live: { rows: '0', digest: '' },
  rebuilt: { rows: '0', digest: '' },
  differing: { keys: '0', onlyLive: '0', onlyRebuilt: '0', changed: '0', columns: {}, examples: [] },
};

describe('the run of a verification', () => {
  let database: TestDatabase;
  let runs: ReplayRuns;
  let session: PoolClient;

  beforeAll(async () => {
    database = await createPlatformDatabase();
    runs = new ReplayRuns(database.pool);
    session = await database.pool.connect();
  });

  afterAll(async () => {
    session.release();
    await database.drop();
  });

  const begin = async (name: string, more: object = {}): Promise<ReplayRun> => {
    const projection = everyColumn(name);
    await prepareProjection(database.pool, projection);
    const plan = { sameLogic: true, partitions: [{ topic: 'trial', partition: 0, from: '0', to: '7' }] };
    return runs.begin(projection, { replaces: firstBuild(projection), plan, kind: 'verify', ...more });
  };
  const stored = async ({ id }: ReplayRun) =>
    (await database.query('SELECT kind, state FROM millrace.replay_run WHERE id = $1', [id]))[0];

  it('begins with a build of its own, which knows what is folded into it', async () => {
    const sample = { seed: 'x', share: 0.25 };
    const run = await begin('begun', { sample });
    expect(run).toMatchObject({ kind: 'verify', state: 'building', sample, build: { build: 2 } });
    expect(await runs.list({ projection: 'begun', active: true, kind: 'verify' })).toEqual([run]);
    expect(await runs.list({ projection: 'begun', kind: 'rebuild' })).toEqual([]);
    const builds = await readBuilds(database.pool, ['begun']);
    expect(builds.map(({ state, sample: keys }) => [state, keys])).toEqual([
      ['live', undefined],
      ['verifying', sample],
    ]);
  });

  // During an upgrade a service of the release before may be the one that drives: it takes every run for a rebuild.
  it('is in no state that a release without verifications would act on, and its build in none that it would swap', async () => {
    const run = await begin('older');
    expect(await stored(run)).toEqual({ kind: 'verify', state: 'gathering' });
    const shape = everyColumn('older');
    const from = { build: run.replaces, shape };
    const outcome = await swapBuilds(session, {
      from,
      to: { build: run.build, shape },
      expected: 'building',
    });
    expect(outcome).toEqual({ kind: 'obsolete' });
    await runs.pause(run.id);
    expect((await runs.resume(run.id)).state).toBe('building');
    expect(await stored(run)).toMatchObject({ state: 'gathering' });
  });

  it('is in the way of no rebuild, and no rebuild in its way; two verifications are', async () => {
    const first = await begin('beside');
    const { run: rebuild } = await beginRebuild(database.pool, everyColumn('beside'));
    expect(rebuild).toMatchObject({ kind: 'rebuild', state: 'building', build: { build: 3 } });
    await expect(begin('beside')).rejects.toMatchObject({ code: 'REPLAY_ACTIVE', replay: first.id });
    await runs.cancel(first.id);
    expect(await begin('beside')).toMatchObject({ build: { build: 4 } });
  });

  it('ends with what it found, and gives its build up', async () => {
    const run = await begin('ended');
    expect(await endVerification(session, run, { proof: equal })).toBe(true);
    expect(await endVerification(session, run, { proof: equal })).toBe(false);
    expect(await runs.get(run.id)).toMatchObject({ state: 'done', proof: { equal: true } });
    expect((await readBuilds(database.pool, ['ended'])).map(({ state }) => state)).toEqual(['live']);
    const later = await begin('ended');
    expect((await runs.lastDone('verify')).map(({ id }) => id)).toEqual([run.id]);
    await endVerification(session, later, { proof: equal });
    expect((await runs.lastDone('verify')).map(({ id }) => id)).toEqual([later.id]);
  });
});

describe('a rebuild that is to be held', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createPlatformDatabase();
  });
  afterAll(() => database.drop());

  it('is in no state that a release without it would swap, until somebody has said so', async () => {
    const runs = new ReplayRuns(database.pool);
    const projection = everyColumn('held');
    await prepareProjection(database.pool, projection);
    const plan = { sameLogic: true, partitions: [] };
    const run = await runs.begin(projection, { replaces: firstBuild(projection), plan, hold: true });
    const stored = () => database.query('SELECT state, hold FROM millrace.replay_run');
    expect(run).toMatchObject({ kind: 'rebuild', hold: true, state: 'building' });
    expect(await stored()).toEqual([{ state: 'gathering', hold: true }]);
    await database.query("UPDATE millrace.replay_run SET state = 'review'");
    await runs.approve(run.id);
    expect(await stored()).toEqual([{ state: 'swapping', hold: true }]);
  });
});
