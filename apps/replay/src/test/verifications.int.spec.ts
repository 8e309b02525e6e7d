import { readBuilds } from '@millrace/postgres';
import { isInSample, readerOf } from '@millrace/projecting';
import type { ProjectionBuild } from '@millrace/projecting';
import { deleteRecordsBefore, waitFor } from '@millrace/testing';
import { TrialFolding } from './trial-folding';
import { TrialReplay } from './trial-replay';
import type { Answer } from './trial-replay';

const AMOUNTS = Array.from({ length: 40 }, (_, index) => BigInt(index + 1));

describe('a verification', () => {
  let trial: TrialReplay;
  let folding: TrialFolding;
  let live: ProjectionBuild;
  let accounts: string[];

  beforeEach(async () => {
    trial = await TrialReplay.create();
    folding = new TrialFolding(trial);
    live = { projection: trial.projection.name, version: 1, build: 1 };
    accounts = await folding.pay(AMOUNTS, live);
  });
  afterEach(async () => {
    await folding.stop();
    await trial.remove();
  });

  const problemOf = ({ status, body }: Answer) => [status, body['type']];
  const verify = (more: object = {}) =>
    trial.post('/v1/replays', { kind: 'verify', projection: live.projection, ...more });
  const buildOf = async () => (await readBuilds(trial.database.pool, [live.projection])).at(-1)!;
  const stateOf = async (path: string) => (await trial.get(path)).body['state'];
  const table = () => `read_model.${live.projection}_v1`;
  const positions = () =>
    trial.database.query('SELECT * FROM millrace.position WHERE reader = $1 ORDER BY partition', [
      readerOf(live),
    ]);

  /** Begins one, folds its build, and gives it as it ended. */
  async function verified(more: object = {}): Promise<Answer['body']> {
    const begun = await verify(more);
    expect(begun).toMatchObject({ status: 201, body: { kind: 'verify', state: 'building', version: 1 } });
    const build = await buildOf();
    expect(build.state).toBe('verifying');
    folding.follow(build, build.sample);
    await waitFor('the verification to end', async () => (await stateOf(begun.location!)) === 'done');
    return (await trial.get(begun.location!)).body;
  }

  it('finds the live rows equal to what the log says, and leaves them and their readers alone', async () => {
    const before = await positions();
    const run = await verified();
    expect(run).toMatchObject({ proof: { equal: true, sameLogic: true, live: { rows: '40' } } });
    expect(run).not.toHaveProperty('swap');
    const builds = await readBuilds(trial.database.pool, [live.projection]);
    expect(builds.map(({ build, state }) => [build, state])).toEqual([[1, 'live']]);
    await waitFor('its table to be dropped', async () => {
      const tables = await trial.database.query("SELECT FROM pg_tables WHERE schemaname = 'read_model'");
      return tables.length === 1;
    });
    expect(await positions()).toEqual(before);
  });

  it('finds a row that was changed by hand, one that was lost and one that nobody published', async () => {
    await trial.database.query(`UPDATE ${table()} SET amount = 777 WHERE account = $1`, [accounts[0]]);
    await trial.database.query(`DELETE FROM ${table()} WHERE account = $1`, [accounts[1]]);
    await trial.database.query(`INSERT INTO ${table()} VALUES ('nobody', 1)`);
    const run = await verified();
    expect(run['reason']).toMatch(/^the live rows are not what the log says: 3 keys differ, /);
    expect(run['proof']).toMatchObject({
      equal: false,
      differing: { keys: '3', changed: '1', onlyLive: '1', onlyRebuilt: '1', columns: { amount: '1' } },
    });
    expect((run['proof'] as { differing: { examples: object[] } }).differing.examples).toContainEqual({
      key: accounts[0],
      live: { amount: '777' },
      rebuilt: { amount: '1' },
    });
    // It is a finding and no swap: what to do about it, somebody decides.
    const found = { replay: run['id'], version: 1, build: 1, equal: false, rows: '40', keys: '3' };
    const listed = (await trial.get('/v1/projections')).body['projections'] as Answer['body'][];
    expect(listed).toMatchObject([{ liveBuild: 1, runs: [], lastVerification: found }]);
    expect(listed[0]?.['lastVerification']).not.toHaveProperty('differing');
    const metrics = await trial.scrape();
    const labels = { projection: live.projection };
    expect(metrics).toContainEqual({
      name: 'millrace_projection_verification_differing_keys',
      labels,
      value: 3,
    });
    expect(metrics.filter(({ name }) => name === 'millrace_projection_lag_records')).toMatchObject([
      { value: 0, labels: { build: '1', messaging_destination_partition_id: '0' } },
      { value: 0, labels: { build: '1', messaging_destination_partition_id: '1' } },
    ]);
    const shown = (await trial.get(`/v1/projections/${live.projection}`)).body;
    expect(shown['lastVerification']).toMatchObject({ ...found, differing: { columns: { amount: '1' } } });
  });

  it('of a sample folds and compares a share of the keys, other ones each time', async () => {
    const begun = await verify({ sample: { keys: 10 } });
    expect(begun.body).toMatchObject({ sample: { share: 0.25 } });
    const build = await buildOf();
    const chosen = accounts.filter((account) => isInSample(build.sample!, account));
    await trial.database.query(`UPDATE ${table()} SET amount = 0 WHERE account <> ALL($1)`, [chosen]);
    folding.follow(build, build.sample);
    await waitFor('the verification to end', async () => (await stateOf(begun.location!)) === 'done');
    const rows = String(chosen.length);
    expect((await trial.get(begun.location!)).body['proof']).toMatchObject({
      equal: true,
      live: { rows },
      rebuilt: { rows },
    });
    await trial.database.query(`UPDATE ${table()} SET amount = 0`);
    const again = await verified({ sample: { share: 0.999 } });
    expect(again).toMatchObject({ sample: { share: 0.999 }, proof: { equal: false } });
    expect((await verify({ sample: { keys: 1_000 } })).body).not.toHaveProperty('sample');
  });

  it('goes on beside a rebuild, and is refused while another one is under way', async () => {
    await trial.rebuild();
    const first = await verify();
    expect(first.status).toBe(201);
    const second = await verify();
    expect(problemOf(second)).toEqual([409, 'urn:millrace:problem:replay-active']);
    expect(second.body).toMatchObject({
      replay: first.body['id'],
      detail: expect.stringContaining('is being verified') as string,
    });
    expect((await trial.post(`${first.location!}/cancel`)).body).toMatchObject({ state: 'cancelled' });
  });

  it('is refused when the log cannot tell what the rows should be', async () => {
    await deleteRecordsBefore(trial.topic.name, 1, 1n);
    const refused = await verify();
    expect(problemOf(refused)).toEqual([422, 'urn:millrace:problem:replay-refused']);
    expect(refused.body).toMatchObject({
      refusals: [{ check: 'log-start' }],
      detail: expect.stringMatching(/^A verification of/) as string,
    });
  });

  it('is given up when another build goes live meanwhile', async () => {
    const rebuild = await trial.rebuild();
    folding.follow(await buildOf());
    await waitFor('the swap', async () => (await stateOf(rebuild.location!)) === 'done');
    folding.follow(live);
    const { location } = await verify();
    const rolledBack = await trial.post(`/v1/projections/${live.projection}/rollback`);
    expect(rolledBack.status).toBe(200);
    await waitFor('it to be given up', async () => (await stateOf(location!)) === 'cancelled');
    expect((await trial.get(location!)).body['reason']).toMatch(/^another build went live meanwhile/);
  });

  it.each([
    ['a share above all', { sample: { share: 1.5 } }],
    ['a share of nothing', { sample: { share: 0 } }],
    ['a part of a key', { sample: { keys: 2.5 } }],
    ['both', { sample: { share: 0.5, keys: 2 } }],
    ['a version: it is the live one', { version: 1 }],
  ])('is not begun with %s', async (_what, more) => {
    expect(problemOf(await verify(more))).toEqual([400, 'urn:millrace:problem:invalid-request']);
  });

  it('is not begun of a projection that nobody hosts', async () => {
    const answer = await trial.post('/v1/replays', { kind: 'verify', projection: 'nothing' });
    expect(problemOf(answer)).toEqual([404, 'urn:millrace:problem:unknown-projection']);
  });
});
