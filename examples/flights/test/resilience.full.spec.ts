import { waitFor } from '@millrace/testing';
import type { TestService } from '@millrace/testing';
import { FlightsUnderTest } from './flights-under-test';

interface Health {
  readonly details: Readonly<Record<string, { readonly status: string; readonly reason?: string }>>;
}

/** What /health/ready answers. */
async function readiness(service: TestService): Promise<Health & { readonly status: number }> {
  const response = await fetch(`${service.url}/health/ready`);
  return { status: response.status, details: ((await response.json()) as Health).details };
}

interface Report {
  readonly projections: readonly { readonly partitions: readonly { readonly state: string }[] }[];
}

/** How many partitions of each projection an instance reads. */
async function partitionsRead(instance: TestService): Promise<number[]> {
  const response = await fetch(`${instance.url}/v1/projections`);
  const { projections } = (await response.json()) as Report;
  return projections.map(({ partitions }) => partitions.filter(({ state }) => state === 'running').length);
}

const FLIGHTS = 1_500;

// The scenarios share one stack and go on with each other's data, as a system in service does.
describe('the flights example', () => {
  let flights: FlightsUnderTest;
  let projection: TestService;
  let second: TestService;
  let consumer: TestService;

  beforeAll(async () => {
    flights = await FlightsUnderTest.start();
    [projection, consumer] = await Promise.all([
      flights.startService('projection'),
      flights.startService('consumer'),
    ]);
  });

  afterAll(() => flights.stack.stop());

  it('folds every event once although the projection is killed again and again during the feed', async () => {
    let kills = 0;
    const killer = async (published: number) => {
      if (published < (kills + 1) * 700 || kills === 3) return;
      kills += 1;
      await projection.process.kill('SIGKILL');
      await projection.process.start();
    };
    let killing = Promise.resolve();
    await flights.feed(FLIGHTS, (published) => {
      killing = killing.then(() => killer(published));
    });
    await killing;
    expect(kills).toBe(3);
    await flights.expectReadModelsProven(projection);
  });

  it('takes each late landing once although the consumer is killed during the feed', async () => {
    let killing: Promise<void> | undefined;
    await flights.feed(FLIGHTS, (published) => {
      if (published > 1_000)
        killing ??= consumer.process.kill('SIGKILL').then(() => consumer.process.start());
    });
    expect(killing).toBeDefined();
    await killing;
    await flights.expectAlertsProven(consumer);
  });

  it('shares the partitions between two projection instances, and survives the death of one', async () => {
    second = await flights.startService('projection', 'projection-2');
    await waitFor('both to read', async () => {
      const [first, other] = await Promise.all([partitionsRead(projection), partitionsRead(second)]);
      return first.every((count, index) => count > 0 && count + (other[index] ?? 0) === 6);
    });
    let killing: Promise<void> | undefined;
    await flights.feed(FLIGHTS, (published) => {
      if (published > 1_000) killing ??= second.process.kill('SIGKILL').then(() => second.process.start());
    });
    expect(killing).toBeDefined();
    await killing;
    await flights.expectReadModelsProven(projection);
  });

  it('keeps a suspended instance from writing once another one has its partitions', async () => {
    await waitFor('both to read', async () => (await partitionsRead(second)).every((count) => count > 0));
    await second.process.kill('SIGSTOP');
    await flights.feed(FLIGHTS);
    // Only the living instance can have folded all of it: the other one's partitions have moved.
    await flights.expectReadModelsProven(projection);
    await second.process.kill('SIGCONT');
    await flights.feed(FLIGHTS);
    await flights.expectReadModelsProven(second);
    await waitFor('the suspended one to read again', async () =>
      (await partitionsRead(second)).every((count) => count > 0),
    );
    await second.process.stop();
  });

  it('pauses while PostgreSQL is down, says so in its health, and goes on without loss', async () => {
    await flights.stack.servers.postgres?.kill('SIGKILL');
    for (const service of [projection, consumer]) {
      await waitFor('health to name PostgreSQL', async () => {
        const { status, details } = await readiness(service);
        return status === 503 && details['postgres']?.reason?.includes('ECONNREFUSED');
      });
    }
    expect((await fetch(`${projection.url}/v1/projections/airport`)).status).toBe(503);
    // The producer does not need PostgreSQL.
    await flights.feed(FLIGHTS);
    await flights.stack.servers.postgres?.start();
    await flights.expectReadModelsProven(projection);
    await flights.expectAlertsProven(consumer);
    await waitFor('both to be ready', async () =>
      (await Promise.all([projection, consumer].map(readiness))).every(({ status }) => status === 200),
    );
  });

  it('goes on without loss after Kafka was killed', async () => {
    await flights.feed(FLIGHTS);
    await flights.stack.servers.kafka?.kill('SIGKILL');
    await waitFor('health to say so', async () => (await readiness(projection)).status === 503);
    await flights.stack.servers.kafka?.start();
    await flights.expectReadModelsProven(projection, 90_000);
    await flights.expectAlertsProven(consumer);
    await flights.feed(FLIGHTS);
    await flights.expectReadModelsProven(projection, 90_000);
  });

  it('changes no read model when the same events are published again', async () => {
    await flights.feedAgain();
    await flights.expectReadModelsProven(projection);
    await flights.expectAlertsProven(consumer);
  });
});
