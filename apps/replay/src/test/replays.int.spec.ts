import { prepareProjection, touchHostedVersions } from '@millrace/postgres';
import { waitFor } from '@millrace/testing';
import { payments, TrialReplay } from './trial-replay';
import type { Answer } from './trial-replay';

// Nobody folds the builds here: what a run does by itself is the matter of the end-to-end tests.
describe('the replay service', () => {
  let trial: TrialReplay;

  beforeAll(async () => {
    trial = await TrialReplay.create();
    await trial.foldLive();
  });
  afterAll(() => trial.remove());

  const problemOf = ({ status, body }: Answer) => [status, body['type']];

  it('plans without changing anything: what would be read, and what was checked', async () => {
    const { status, body } = await trial.rebuild({ dryRun: true });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      projection: trial.projection.name,
      version: 1,
      sameLogic: true,
      replaces: { version: 1, build: 1 },
      events: '2',
      partitions: [0, 1].map((partition) => ({ topic: trial.topic.name, partition, from: '0', to: '1' })),
      refusals: [],
    });
    expect((await trial.get('/v1/replays')).body).toEqual({ replays: [] });
  });

  it('begins a run that can be found again, paused, resumed and given up, and drops its table then', async () => {
    const begun = await trial.rebuild();
    expect(begun).toMatchObject({ status: 201, body: { state: 'building', build: 2, paused: false } });
    const path = begun.location!;
    expect(path).toBe(`/v1/replays/${String(begun.body['id'])}`);
    const stops = async () =>
      (await trial.database.query('SELECT stop_at FROM millrace.position WHERE epoch = 0')).map(
        (row) => row['stop_at'],
      );
    expect(await stops()).toEqual([1n, 1n]);
    expect((await trial.post(`${path}/pause`)).body).toMatchObject({ paused: true });
    expect(await stops()).toEqual([0n, 0n]);
    expect((await trial.post(`${path}/resume`)).body).toMatchObject({ paused: false });
    expect((await trial.get('/v1/replays?active=true')).body['replays']).toMatchObject([
      { id: begun.body['id'] },
    ]);
    expect((await trial.post(`${path}/cancel`)).body).toMatchObject({ state: 'cancelled' });
    expect(problemOf(await trial.post(`${path}/pause`))).toEqual([409, 'urn:millrace:problem:replay-state']);
    expect((await trial.get('/v1/replays?active=true')).body).toEqual({ replays: [] });
    await waitFor('the table to be dropped', async () => {
      const tables = await trial.database.query("SELECT FROM pg_tables WHERE schemaname = 'read_model'");
      return tables.length === 1;
    });
    expect(await trial.database.query('SELECT count(*) AS rows FROM millrace.position')).toEqual([
      { rows: 2n },
    ]);
  });

  it('leaves the live read model alone while nobody folds a rebuild', async () => {
    const path = (await trial.rebuild()).location!;
    const [, last] = await trial.foldLive();
    await waitFor('the stops to be raised to where the live one is', async () => {
      const rows = await trial.database.query('SELECT stop_at FROM millrace.position WHERE epoch = 0');
      return rows.every((row) => row['stop_at'] === last!.offset + 1n);
    });
    // It would be proving, and holding the live positions, if it took the two for close.
    expect((await trial.get(path)).body['state']).toBe('building');
    await trial.post(`${path}/cancel`);
  });

  it('refuses a second rebuild of a projection, and lets exactly one of two that come together begin', async () => {
    const answers = await Promise.all([trial.rebuild(), trial.rebuild(), trial.rebuild()]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 409, 409]);
    const id = answers.find(({ status }) => status === 201)?.body['id'];
    const again = await trial.rebuild();
    expect(problemOf(again)).toEqual([409, 'urn:millrace:problem:replay-active']);
    expect(again.body['replay']).toBe(id);
    await trial.post(`/v1/replays/${String(id)}/cancel`);
  });

  it('rebuilds the version that is asked for, once a process hosts it', async () => {
    const unknown = await trial.rebuild({ version: 2 });
    expect(problemOf(unknown)).toEqual([422, 'urn:millrace:problem:unknown-version']);
    expect(unknown.body['known']).toEqual([1]);
    await prepareProjection(trial.database.pool, payments(trial.topic, 2));
    await trial.database.query(
      "UPDATE millrace.projection_version SET hosted_at = now() - interval '1 hour'",
    );
    const waiting = await trial.rebuild({ dryRun: true, version: 2 });
    expect(waiting.body['checks']).toContainEqual(expect.stringContaining('no process does now'));
    await touchHostedVersions(trial.database.pool, [payments(trial.topic, 1)]);
    expect((await trial.rebuild({ dryRun: true })).body).toMatchObject({ version: 1, sameLogic: true });
    await touchHostedVersions(trial.database.pool, [payments(trial.topic, 2)]);
    expect((await trial.rebuild({ dryRun: true })).body).toMatchObject({ version: 2, sameLogic: false });
    expect((await trial.rebuild({ dryRun: true, version: 1 })).body).toMatchObject({ sameLogic: true });
  });

  it('lists the builds of each projection with their tables, sizes, paces and lags', async () => {
    await trial.topic.publish('Paid', trial.topic.keyIn(0), { amount: 1n });
    expect((await trial.get('/v1/projections')).body).toEqual({
      projections: [
        {
          name: trial.projection.name,
          liveVersion: 1,
          liveBuild: 1,
          builds: [
            {
              version: 1,
              build: 1,
              state: 'live',
              table: `read_model.${trial.projection.name}_v1`,
              createdAt: expect.any(String) as string,
              lag: '1',
              lagSeconds: expect.any(Number) as number,
              recordsPerSecond: expect.any(Number) as number,
              tableBytes: expect.stringMatching(/^[1-9]\d+$/) as string,
              // Nobody has counted them.
              rowsEstimated: null,
              parked: { keys: 0, events: 0 },
              partitions: [0, 1].map((partition) => ({
                ...{ topic: trial.topic.name, partition, state: 'running' },
                nextOffset: '2',
                logEnd: partition === 0 ? '3' : '2',
                lag: partition === 0 ? '1' : '0',
                lagSeconds: partition === 0 ? (expect.any(Number) as number) : 0,
              })),
            },
          ],
          runs: [],
          lastVerification: null,
        },
      ],
    });
  });

  it('shows a projection with its definition, and where a partition stands still', async () => {
    const problem = JSON.stringify({ state: 'halted', reason: 'it broke' });
    await trial.database.query('UPDATE millrace.position SET problem = $1 WHERE partition = 1', [problem]);
    const { name } = trial.projection;
    const { status, body } = await trial.get(`/v1/projections/${name}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      name,
      versions: [
        { version: 1, hostedNow: true },
        { version: 2, hostedNow: true },
      ],
      definition: { kind: 'entity', keyName: 'account', columns: [{ name: 'amount', type: 'bigint' }] },
      builds: [{ partitions: [{ state: 'running' }, { state: 'halted', reason: 'it broke' }] }],
    });
    expect(problemOf(await trial.get('/v1/projections/nothing'))).toEqual([
      404,
      'urn:millrace:problem:unknown-projection',
    ]);
  });

  it('has nothing to go back to, and nothing to release, before a first swap', async () => {
    for (const what of ['rollback', 'release']) {
      const answer = await trial.post(`/v1/projections/${trial.projection.name}/${what}`);
      expect(problemOf(answer)).toEqual([409, 'urn:millrace:problem:nothing-kept']);
    }
  });

  it.each([
    ['a body that is no request', { kind: 'republish' }, 400, 'invalid-request'],
    [
      'a member that it does not know',
      { kind: 'rebuild', projection: 'x', force: true },
      400,
      'invalid-request',
    ],
    ['a projection that nobody hosts', { kind: 'rebuild', projection: 'nothing' }, 404, 'unknown-projection'],
  ])('answers %s as a problem', async (_what, body, status, problem) => {
    expect(problemOf(await trial.post('/v1/replays', body))).toEqual([
      status,
      `urn:millrace:problem:${problem}`,
    ]);
  });

  it.each([
    ['GET', '/v1/replays/4711', 404, 'replay-not-found'],
    ['GET', '/v1/replays/first', 400, 'invalid-request'],
    ['GET', '/v1/replays?active=perhaps', 400, 'invalid-request'],
    ['POST', '/v1/replays/4711/cancel', 404, 'replay-not-found'],
    ['POST', '/v1/projections/nothing/rollback', 404, 'unknown-projection'],
    ['POST', '/v1/projections/nothing/release', 404, 'unknown-projection'],
  ])('answers %s %s as a problem', async (method, path, status, problem) => {
    const answer = await (method === 'GET' ? trial.get(path) : trial.post(path));
    expect(problemOf(answer)).toEqual([status, `urn:millrace:problem:${problem}`]);
  });
});
