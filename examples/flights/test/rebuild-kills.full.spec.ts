import { SeededChoices, waitFor } from '@millrace/testing';
import type { TestService } from '@millrace/testing';
import type { FlightsUnderTest } from './flights-under-test';
import type { Operator, Run } from './operator';
import { FOLDERS, RebuildsUnderTest } from './rebuilds-under-test';

interface Report {
  readonly projections: readonly {
    readonly name: string;
    readonly builds: readonly {
      readonly role: string;
      readonly partitions: readonly { readonly state: string }[];
    }[];
  }[];
}

/** How many partitions an instance has of a build of `airport`. */
async function partitionsOf(instance: TestService, role: string): Promise<number> {
  const response = await fetch(`${instance.url}/v1/projections`);
  const { projections } = (await response.json()) as Report;
  const airport = projections.find(({ name }) => name === 'airport');
  const partitions = airport?.builds.find((build) => build.role === role)?.partitions ?? [];
  return partitions.filter(({ state }) => state !== 'elsewhere').length;
}

/** Runs a test whose course is drawn by lot; the error of one that fails names the seed. */
async function drawn(test: (choices: SeededChoices) => Promise<void>): Promise<void> {
  const choices = new SeededChoices(Math.floor(Math.random() * 2 ** 32));
  try {
    await test(choices);
  } catch (error) {
    if (error instanceof Error) error.message = `with seed ${choices.seed}: ${error.message}`;
    throw error;
  }
}

describe('a rebuild', () => {
  let rebuilds: RebuildsUnderTest;
  let flights: FlightsUnderTest;
  let operator: Operator;

  beforeAll(async () => {
    rebuilds = await RebuildsUnderTest.start(4_000);
    ({ flights, operator } = rebuilds);
  });

  afterAll(() => rebuilds.stop());

  /** Publishes again what was not acknowledged: the same events, which are folded once. */
  async function feedThrough(count: number): Promise<void> {
    await waitFor('the flights to be taken', async () => flights.feed(count).then(() => true), 60_000);
  }

  /** The run, or the next one when it is over: every kill is to hit one that is under way. */
  async function underWay(run: Run | undefined): Promise<Run> {
    if (run !== undefined) {
      const now = await operator.run(run.id);
      if (now.state !== 'done') return now;
      expect(now.proof).toMatchObject({ equal: true });
      await operator.settle('flight', 'release');
    }
    return waitFor('a rebuild to begin', () => operator.begin('flight'));
  }

  it('ends equal and live although the services and Kafka are killed all the time', async () => {
    const services = [rebuilds.projection.process, rebuilds.replay.process];
    const { kafka } = flights.stack.servers;
    await drawn(async (choices) => {
      const victims = choices.shuffled([...services, ...services, ...services, kafka, kafka]);
      let run: Run | undefined;
      for (const victim of victims) {
        await feedThrough(choices.between(1, 150));
        run = await underWay(run);
        await victim?.kill('SIGKILL');
        await Promise.all([victim?.start(), feedThrough(50)]);
      }
      const { id } = await underWay(run);
      await operator.expectSwapped(id, 90_000);
      await rebuilds.expectProven(90_000);
      await operator.settle('flight', 'release');
    });
  });

  it('is not harmed by an instance that was suspended in the middle and wakes up after the swap', async () => {
    // An aggregate would show what is folded twice, and a slow fold is suspended in the middle.
    const PROJECTIONS = [FOLDERS.flight, FOLDERS.airportSlow].join(',');
    const zombie = await flights.startService('projection', 'projection-2', { PROJECTIONS });
    await drawn(async (choices) => {
      const { id } = await operator.begin('airport');
      await operator.steer(id, 'pause');
      for (const role of ['live', 'building']) {
        await waitFor(`both instances to have partitions of the ${role} build`, async () => {
          const [first, other] = await Promise.all(
            [rebuilds.projection, zombie].map((each) => partitionsOf(each, role)),
          );
          return first! > 0 && other! > 0 && first! + other! === 6;
        });
      }
      await operator.steer(id, 'resume');
      await waitFor('the fold to begin', async () => BigInt((await operator.run(id)).progress.done) > 0n);
      for (let more = choices.between(1, 50); more > 0; more--) await feedThrough(1);
      await zombie.process.kill('SIGSTOP');
      await feedThrough(500);
      await operator.expectSwapped(id);
      await rebuilds.expectProven();
      await zombie.process.kill('SIGCONT');
      await feedThrough(500);
      await waitFor('the suspended one to read again', async () => {
        const counts = await Promise.all(['live', 'previous'].map((role) => partitionsOf(zombie, role)));
        return counts.every((count) => count > 0);
      });
      await flights.expectReadModelsProven(zombie);
      // Nothing that it wrote late is in the build that is kept, either.
      await operator.settle('airport', 'rollback');
      await rebuilds.expectProven();
    });
  });
});
