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

  beforeAll(async () => {
    const PROJECTIONS = [FOLDERS.flightSlow, FOLDERS.airport].join(',');
    rebuilds = await RebuildsUnderTest.start(3_000, { PROJECTIONS });
    ({ flights, operator } = rebuilds);
  });

  afterAll(() => rebuilds.stop());

  /** Paused when some of it is folded and some is not. */
  async function pausedInTheMiddle(): Promise<Run> {
    const { id } = await operator.begin('flight');
    await waitFor('some of it to be folded', async () => BigInt((await operator.run(id)).progress.done) > 0n);
    await operator.steer(id, 'pause');
    const run = await operator.run(id);
    expect(BigInt(run.progress.done)).toBeLessThan(BigInt(run.progress.total));
    return run;
  }

  async function activeRun(): Promise<Run> {
    const { body } = await operator.ask('GET', '/replays?projection=flight&active=true');
    return (body['replays'] as Run[])[0]!;
  }

  it('pauses a rebuild where it is while the live model goes on, also when its service is killed', async () => {
    const { id } = await pausedInTheMiddle();
    // What was being folded in the moment of the pause still comes to its end.
    await flights.feed(100);
    await rebuilds.expectProven();
    const before = await operator.run(id);
    await rebuilds.replay.process.kill('SIGKILL');
    await flights.feed(100);
    await rebuilds.replay.process.start();
    await flights.feed(100);
    await rebuilds.expectProven();
    const after = await operator.run(id);
    expect({ paused: after.paused, positions: positionsOf(after) }).toEqual({
      paused: true,
      positions: positionsOf(before),
    });
    expect(after.state).toMatch(/building|proving/);
  });

  it('cannot begin a second rebuild of the same projection, and is told which one is under way', async () => {
    const answer = await operator.request('flight');
    expect(answer).toMatchObject({ status: 409, body: { replay: (await activeRun()).id } });
    expect(answer.body['type']).toMatch(/replay-active$/);
  });

  it('rebuilds another projection at the same time', async () => {
    const { id } = await operator.begin('airport');
    await operator.expectSwapped(id);
    await rebuilds.expectProven();
  });

  it('resumes the rebuild, which goes on to its end and is swapped', async () => {
    const { id } = await activeRun();
    await operator.steer(id, 'resume');
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
    const { id, build } = await pausedInTheMiddle();
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
