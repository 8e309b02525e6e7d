import { prepareProjection, readBuilds } from '@millrace/postgres';
import type { ProjectionBuild } from '@millrace/projecting';
import { waitFor } from '@millrace/testing';
import { TrialFolding } from './trial-folding';
import { payments, TrialReplay } from './trial-replay';
import type { Answer } from './trial-replay';

describe('a rebuild that is held', () => {
  let trial: TrialReplay;
  let folding: TrialFolding;
  let live: ProjectionBuild;
  let path: string;

  beforeEach(async () => {
    trial = await TrialReplay.create();
    folding = new TrialFolding(trial);
    live = { projection: trial.projection.name, version: 1, build: 1 };
    await folding.pay([1n, 2n, 3n, 4n], live);
    path = `/v1/projections/${live.projection}`;
  });
  afterEach(async () => {
    await folding.stop();
    await trial.remove();
  });

  const problemOf = ({ status, body }: Answer) => [status, body['type']];
  const buildOf = async () => (await readBuilds(trial.database.pool, [live.projection])).at(-1)!;
  const shownBuild = async () =>
    ((await trial.get('/v1/projections')).body['projections'] as { liveBuild: number }[])[0]?.liveBuild;

  it('is proven, waits where it can be looked at, and goes live when somebody says so', async () => {
    const begun = await trial.rebuild({ hold: true });
    expect(begun).toMatchObject({ status: 201, body: { state: 'building', hold: true } });
    expect(problemOf(await trial.get(`${path}/diff`))).toEqual([409, 'urn:millrace:problem:not-compared']);
    expect(problemOf(await trial.post(`${path}/swap`))).toEqual([409, 'urn:millrace:problem:replay-state']);
    folding.follow(await buildOf());
    const run = async () => (await trial.get(begun.location!)).body;
    await waitFor('it to wait', async () => (await run())['state'] === 'review');
    expect(await run()).toMatchObject({ reason: 'proven equal, and held until somebody swaps it' });
    expect((await trial.get(`${path}/diff`)).body).toMatchObject({
      id: begun.body['id'],
      proof: { equal: true, live: { rows: '4' } },
    });
    expect(await shownBuild()).toBe(1);
    expect((await trial.post(`${path}/swap`)).body).toMatchObject({ state: 'swapping' });
    await waitFor('the swap', async () => (await run())['state'] === 'done');
    expect(await shownBuild()).toBe(2);
  });

  it('shows in which keys and columns another version differs, and can be given up', async () => {
    await prepareProjection(trial.database.pool, payments(trial.topic, 2));
    const begun = await trial.rebuild({ hold: true, version: 2 });
    const build = await buildOf();
    folding.follow(build);
    await waitFor('the rows', async () => {
      const rows = await trial.database.query(`SELECT FROM read_model.${live.projection}_v2_b2`);
      return rows.length === 4;
    });
    await trial.database.query(`UPDATE read_model.${live.projection}_v2_b2 SET amount = amount + 1`);
    await waitFor('it to wait', async () => (await trial.get(`${path}/diff`)).status === 200);
    expect((await trial.get(`${path}/diff`)).body).toMatchObject({
      state: 'review',
      proof: { equal: false, differing: { keys: '4', columns: { amount: '4' } } },
    });
    await trial.post(`${begun.location!}/cancel`);
    expect(problemOf(await trial.get(`${path}/diff`))).toEqual([409, 'urn:millrace:problem:nothing-held']);
  });

  it.each(['diff', 'swap'])('is what %s needs, of a projection that is known', async (what) => {
    const ask = (of: string) => (what === 'diff' ? trial.get(`${of}/diff`) : trial.post(`${of}/swap`));
    expect(problemOf(await ask(path))).toEqual([409, 'urn:millrace:problem:nothing-held']);
    expect(problemOf(await ask('/v1/projections/nothing'))).toEqual([
      404,
      'urn:millrace:problem:unknown-projection',
    ]);
  });
});
