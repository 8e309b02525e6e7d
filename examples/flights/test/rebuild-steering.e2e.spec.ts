import { openDatabase } from '@millrace/postgres';
import type { Database } from '@millrace/postgres';
import { silentLogger, waitFor } from '@millrace/testing';
import type { TestService } from '@millrace/testing';
import { FlightsUnderTest } from './flights-under-test';
import { Operator } from './operator';
import type { Run } from './operator';

function positionsOf({ progress }: Run): string[] {
  return progress.partitions.map(({ topic, partition, position }) => `${topic}/${partition}/${position}`);
}

// Each test goes on where the one before it has left the stack.
describe('an operator of rebuilds', () => {
  let flights: FlightsUnderTest;
  let projection: TestService;
  let replay: TestService;
  let operator: Operator;
  let database: Database;

  beforeAll(async () => {
    flights = await FlightsUnderTest.start();
    [projection, replay] = await Promise.all([
      flights.startService('projection', 'projection', {
        PROJECTIONS: 'examples/flights/test/projections/flight-slow,examples/flights/projections/airport',
      }),
      flights.startService('replay'),
    ]);
    operator = new Operator(replay.url);
    const url = flights.stack.addresses.databaseUrl;
    database = openDatabase({ url, applicationName: 'specs', log: silentLogger });
    await flights.feed(3_000);
    await flights.expectReadModelsProven(projection);
  });

  afterAll(async () => {
    await database.end();
    await flights.stack.stop();
  });

  /** Paused when some of it is folded and some is not. */
  async function pausedInTheMiddle(): Promise<Run> {
    const { id } = await operator.begin('flight');
    await waitFor('some of it to be folded', async () => BigInt((await operator.run(id)).progress.done) > 0n);
    await operator.steer(id, 'pause');
    const run = await operator.run(id);
    expect(BigInt(run.progress.done)).toBeLessThan(BigInt(run.progress.total));
    return run;
  }

  it('pauses a rebuild where it is while the live model goes on, also when its service is killed', async () => {
    const { id } = await pausedInTheMiddle();
    // What was being folded in the moment of the pause still comes to its end.
    await flights.feed(100);
    await flights.expectReadModelsProven(projection);
    const before = await operator.run(id);
    await replay.process.kill('SIGKILL');
    await flights.feed(100);
    await replay.process.start();
    await flights.feed(100);
    await flights.expectReadModelsProven(projection);
    const after = await operator.run(id);
    expect({ paused: after.paused, positions: positionsOf(after) }).toEqual({
      paused: true,
      positions: positionsOf(before),
    });
    expect(after.state).toMatch(/building|proving/);
  });

  it('cannot begin a second rebuild of the same projection, and is told which one is under way', async () => {
    const { body } = await operator.ask('GET', '/replays?projection=flight&active=true');
    const [active] = body['replays'] as Run[];
    const answer = await operator.request('flight');
    expect(answer).toMatchObject({ status: 409, body: { replay: active!.id } });
    expect(answer.body['type']).toMatch(/replay-active$/);
  });

  it('rebuilds another projection at the same time', async () => {
    const { id } = await operator.begin('airport');
    await operator.expectSwapped(id);
    await flights.expectReadModelsProven(projection);
  });

  it('resumes the rebuild, which goes on to its end and is swapped', async () => {
    const { body } = await operator.ask('GET', '/replays?projection=flight&active=true');
    const [paused] = body['replays'] as Run[];
    await operator.steer(paused!.id, 'resume');
    await operator.expectSwapped(paused!.id);
    await flights.feed(100);
    await flights.expectReadModelsProven(projection);
    expect(await operator.request('flight')).toMatchObject({
      status: 409,
      body: { type: expect.stringMatching(/build-kept$/) as string },
    });
    await operator.settle('flight', 'release');
  });

  it('cancels a rebuild that is paused, and the live model knows nothing of it', async () => {
    const { id, build } = await pausedInTheMiddle();
    const { liveBuild } = await operator.projection('flight');
    expect(await operator.steer(id, 'cancel')).toMatchObject({ state: 'cancelled', paused: false });
    const table = `read_model.flight_v1_b${build}`;
    await waitFor('the table to be dropped', async () => {
      const { rows } = await database.query<{ found: string | null }>(
        'SELECT to_regclass($1)::text AS found',
        [table],
      );
      return rows[0]!.found === null;
    });
    await flights.feed(100);
    await flights.expectReadModelsProven(projection);
    expect(await operator.projection('flight')).toMatchObject({ liveBuild, builds: [{ build: liveBuild }] });
    expect(await operator.ask('POST', `/replays/${id}/resume`)).toMatchObject({ status: 409 });
  });

  it('gets one rebuild out of two that are asked for in the same moment', async () => {
    const answers = await Promise.all([operator.request('flight'), operator.request('flight')]);
    const [begun, refused] = answers.toSorted((a, b) => a.status - b.status);
    expect([begun!.status, refused!.status]).toEqual([201, 409]);
    expect(refused!.body['replay']).toBe(begun!.body['id']);
    await operator.expectSwapped(Number(begun!.body['id']));
    await flights.expectReadModelsProven(projection);
  });
});
