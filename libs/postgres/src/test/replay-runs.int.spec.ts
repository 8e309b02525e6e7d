import type { ReplayRun, RunState } from '../index';
import { advanceRun, releaseKeptBuild, ReplayRuns, swapBuilds } from '../index';
import { createPlatformDatabase } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import type { ClientBase } from 'pg';
import { inTransaction } from '../in-transaction';
import { beginRebuild } from './trial-builds';
import { everyColumn } from './trial-projections';

describe('the run of a replay', () => {
  let database: TestDatabase;
  let runs: ReplayRuns;

  beforeAll(async () => {
    database = await createPlatformDatabase();
    runs = new ReplayRuns(database.pool);
  });

  afterAll(() => database.drop());

  const begin = async (name: string) => (await beginRebuild(database.pool, everyColumn(name))).run;
  const advance = (run: ReplayRun, state: RunState) =>
    inTransaction(database.pool, (tx) => advanceRun(tx, run, { state, reason: state }));

  it('begins with a build at the start of its plan, stopped at its end', async () => {
    const run = await begin('begun');
    expect(run).toMatchObject({ kind: 'rebuild', state: 'building', paused: false, build: { build: 2 } });
    expect(await runs.list({ projection: 'begun', active: true })).toEqual([run]);
    expect(
      await database.query(
        "SELECT partition, next_offset, stop_at, epoch FROM millrace.position WHERE reader = 'projection/begun@1.2' ORDER BY 1",
      ),
    ).toEqual([0, 1].map((partition) => ({ partition, next_offset: 0n, stop_at: 0n, epoch: 0n })));
  });

  // Planned, then another build went live and this one was released: the run was held against a table that was dropped.
  it('does not begin against a build that has ceased to be live since it was planned', async () => {
    const projection = everyColumn('outrun');
    const { live, rebuilt, run } = await beginRebuild(database.pool, projection);
    const client = await database.pool.connect();
    const alongside = (tx: ClientBase) => advanceRun(tx, run, { state: 'done' });
    await swapBuilds(client, { from: live, to: rebuilt, expected: 'building', alongside });
    client.release();
    await releaseKeptBuild(database.pool, 'outrun');
    const plan = { sameLogic: true, partitions: [] };
    await expect(runs.begin(projection, { replaces: live.build, plan })).rejects.toMatchObject({
      code: 'LIVE_BUILD_CHANGED',
      retriable: true,
    });
    expect(await runs.list({ projection: 'outrun', active: true })).toEqual([]);
    expect(await runs.begin(projection, { replaces: rebuilt.build, plan })).toMatchObject({
      replaces: { build: 2 },
    });
  });

  it('is advanced by one of two at once, and by nobody who has seen an older state, or while it is paused', async () => {
    const run = await begin('advanced');
    const both = await Promise.all([advance(run, 'proving'), advance(run, 'review')]);
    expect(both.toSorted()).toEqual([false, true]);
    expect((await runs.get(run.id)).state).toBe(both[0] ? 'proving' : 'review');
    expect(await advance(run, 'swapping')).toBe(false);
    await database.query("UPDATE millrace.replay_run SET state = 'building' WHERE id = $1", [run.id]);
    await runs.pause(run.id);
    expect(await advance(run, 'proving')).toBe(false);
    await runs.resume(run.id);
    expect(await advance(run, 'proving')).toBe(true);
  });

  it.each<{ state: RunState; possible: string }>([
    { state: 'building', possible: 'pause, resume, cancel' },
    { state: 'proving', possible: 'pause, resume, cancel' },
    { state: 'review', possible: 'approve, cancel' },
    { state: 'refused', possible: 'cancel' },
    { state: 'swapping', possible: 'cancel' },
    { state: 'cancelled', possible: 'cancel' },
    { state: 'done', possible: 'nothing' },
  ])('that is $state can be told only: $possible', async ({ state, possible }) => {
    const { id, build } = await begin(`steered${state}`);
    for (const verb of ['pause', 'resume', 'approve', 'cancel'] as const) {
      await database.query('UPDATE millrace.replay_run SET state = $2, paused = false WHERE id = $1', [
        id,
        state,
      ]);
      const told = runs[verb](id);
      if (possible.includes(verb)) expect(await told).toMatchObject({ id, paused: verb === 'pause' });
      else await expect(told).rejects.toMatchObject({ code: 'REPLAY_STATE', state });
      const { state: after } = await runs.get(id);
      if (verb === 'approve' && state === 'review') expect(after).toBe('swapping');
      else if (verb === 'resume' && possible.includes(verb)) expect(after).toBe('building');
      else if (verb !== 'cancel' || state === 'done') expect(after).toBe(state);
      else expect(after).toBe('cancelled');
    }
    const [stored] = await database.query(
      'SELECT state FROM millrace.projection_build WHERE projection = $1 AND build = 2',
      [build.projection],
    );
    const released = possible.includes('cancel') && state !== 'cancelled';
    expect(stored).toEqual({ state: released ? 'released' : 'building' });
  });

  it('that is paused stops where it stands, and one that is unknown is an error', async () => {
    const { id } = await begin('paused');
    await database.query(
      "UPDATE millrace.position SET stop_at = NULL WHERE reader = 'projection/paused@1.2'",
    );
    await runs.pause(id);
    expect(
      await database.query("SELECT stop_at FROM millrace.position WHERE reader = 'projection/paused@1.2'"),
    ).toEqual([{ stop_at: 0n }, { stop_at: 0n }]);
    for (const told of [runs.get(0), runs.pause(0), runs.cancel(0)])
      await expect(told).rejects.toMatchObject({ code: 'REPLAY_NOT_FOUND' });
  });

  it('is begun once by several that begin at once, and no other one is while it is under way', async () => {
    const first = await begin('contested');
    await runs.cancel(first.id);
    const begun = await Promise.allSettled([1, 2, 3, 4].map(() => begin('contested')));
    const won = begun.filter(({ status }) => status === 'fulfilled');
    expect(won).toHaveLength(1);
    for (const outcome of begun) {
      if (outcome.status === 'rejected')
        expect(outcome.reason).toMatchObject({ code: 'REPLAY_ACTIVE', retriable: true });
    }
    const [active] = await runs.list({ projection: 'contested', active: true });
    await expect(begin('contested')).rejects.toMatchObject({ code: 'REPLAY_ACTIVE', replay: active?.id });
    // The number of the build that was given up is not given again.
    expect([first.build.build, active?.build.build]).toEqual([2, 3]);
  });

  it('is not begun while the build of before is kept', async () => {
    const { live, rebuilt, run } = await beginRebuild(database.pool, everyColumn('kept'));
    const session = await database.pool.connect();
    await swapBuilds(session, {
      from: live,
      to: rebuilt,
      expected: 'building',
      alongside: (tx) => advanceRun(tx, run, { state: 'done' }),
    });
    session.release();
    expect((await runs.get(run.id)).finishedAt).toBeInstanceOf(Date);
    await expect(begin('kept')).rejects.toMatchObject({
      code: 'BUILD_KEPT',
      context: { projection: 'kept', build: 1 },
    });
  });
});
