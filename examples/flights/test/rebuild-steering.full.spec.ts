import { waitFor } from '@millrace/testing';
import type { FlightsUnderTest } from './flights-under-test';
import type { Operator, Run } from './operator';
import { FOLDERS, RebuildsUnderTest } from './rebuilds-under-test';

function positionsOf({ progress }: Run): string[] {
  return progress.partitions.map(({ topic, partition, position }) => `${topic}/${partition}/${position}`);
}

// Each test goes on where the one before it has left the stack.
describe('an operator of rebuilds', () => {
  let rebuilds: RebuildsUnderTest;
  let flights: FlightsUnderTest;
  let operator: Operator;
  let paused: Run;

  beforeAll(async () => {
    const PROJECTIONS = [FOLDERS.flightSlow, FOLDERS.airport].join(',');
    rebuilds = await RebuildsUnderTest.start(3_000, { PROJECTIONS });
    ({ flights, operator } = rebuilds);
  });

  afterAll(() => rebuilds.stop());

  /** Paused at once, long before the slow fold could be through. */
  async function begunAndPaused(): Promise<Run> {
    const { id } = await operator.begin('flight');
    await operator.steer(id, 'pause');
    return operator.run(id);
  }

  async function expectStillPaused(): Promise<void> {
    const { body } = await operator.ask('GET', '/replays?projection=flight&active=true');
    const [run] = body['replays'] as Run[];
    expect(run).toMatchObject({ id: paused.id, paused: true });
    expect(positionsOf(run!)).toEqual(positionsOf(paused));
    expect(run!.state).toMatch(/building|proving/);
  }

  it('pauses a rebuild where it is while the live model goes on, also when its service is killed', async () => {
    const { id } = await begunAndPaused();
    // From here on nothing but the pause keeps it from folding.
    paused = await waitFor('every partition to be taken', async () => {
      const run = await operator.run(id);
      return run.progress.partitions.every(({ state }) => state !== 'unassigned') && run;
    });
    expect(BigInt(paused.progress.done)).toBeLessThan(BigInt(paused.progress.total));
    await flights.feed(100);
    await rebuilds.expectProven();
    await rebuilds.replay.process.kill('SIGKILL');
    await flights.feed(100);
    await rebuilds.replay.process.start();
    await flights.feed(100);
    await rebuilds.expectProven();
    await expectStillPaused();
  });

  it('cannot begin a second rebuild of the same projection, and is told which one is under way', async () => {
    const answer = await operator.request('flight');
    expect(answer).toMatchObject({ status: 409, body: { replay: paused.id } });
    expect(answer.body['type']).toMatch(/replay-active$/);
  });

  it('rebuilds another projection at the same time, and the paused one stays as it is', async () => {
    const { id } = await operator.begin('airport');
    await operator.expectSwapped(id);
    await rebuilds.expectProven();
    // The slow fold would have got somewhere by now.
    await expectStillPaused();
  });

  it('resumes the rebuild, also again and again, and it goes on to its end and is swapped', async () => {
    const { id } = paused;
    for (const what of ['resume', 'pause', 'resume', 'pause', 'resume'] as const) {
      await operator.ask('POST', `/replays/${id}/${what}`);
      await flights.feed(20);
    }
    await operator.expectSwapped(id);
    await flights.feed(100);
    await rebuilds.expectProven();
  });

  it('releases the build of before first, before the next rebuild', async () => {
    const answer = await operator.request('flight');
    expect(answer.status).toBe(409);
    expect(answer.body['type']).toMatch(/build-kept$/);
    await operator.settle('flight', 'release');
  });

  it('cancels a rebuild that is paused, and the live model knows nothing of it', async () => {
    const { id, build } = await begunAndPaused();
    const { liveBuild } = await operator.projection('flight');
    expect(await operator.steer(id, 'cancel')).toMatchObject({ state: 'cancelled', paused: false });
    await rebuilds.expectDropped(`read_model.flight_v1_b${build}`);
    await flights.feed(100);
    await rebuilds.expectProven();
    expect(await operator.projection('flight')).toMatchObject({ liveBuild, builds: [{ build: liveBuild }] });
    expect(await operator.ask('POST', `/replays/${id}/resume`)).toMatchObject({ status: 409 });
  });

  it('gets one rebuild out of two that are asked for in the same moment', async () => {
    const answers = await Promise.all([operator.request('flight'), operator.request('flight')]);
    const [begun, refused] = answers.toSorted((a, b) => a.status - b.status);
    expect([begun!.status, refused!.status]).toEqual([201, 409]);
    expect(refused!.body['replay']).toBe(begun!.body['id']);
    await operator.expectSwapped(Number(begun!.body['id']));
    await rebuilds.expectProven();
  });
});
