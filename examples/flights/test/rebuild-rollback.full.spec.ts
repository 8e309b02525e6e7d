import { createKafkaClient, KafkaCluster } from '@millrace/kafka';
import { silentLogger, waitFor } from '@millrace/testing';
import type { FlightsUnderTest } from './flights-under-test';
import type { Operator } from './operator';
import { RebuildsUnderTest } from './rebuilds-under-test';

// Each test goes on where the one before it has left the stack.
describe('the way back after a rebuild', () => {
  let rebuilds: RebuildsUnderTest;
  let flights: FlightsUnderTest;
  let operator: Operator;
  let cluster: KafkaCluster;

  beforeAll(async () => {
    rebuilds = await RebuildsUnderTest.start(1_500);
    ({ flights, operator } = rebuilds);
    const { kafkaBrokers: brokers } = flights.stack.addresses;
    cluster = new KafkaCluster(createKafkaClient({ clientId: 'specs', brokers, log: silentLogger }));
  });

  afterAll(async () => {
    await cluster.close();
    await rebuilds.stop();
  });

  /** The offsets that Kafka remembers for a group; it remembers none of a group that is gone. */
  function copies(group: string): Promise<bigint[]> {
    return cluster.copiedOffsets(group, 'flights');
  }

  it('finds everything in the build of before that was published since', async () => {
    const { id } = await operator.begin('flight');
    await operator.expectSwapped(id);
    await flights.feed(300);
    await rebuilds.expectProven();
    expect(await operator.settle('flight', 'rollback')).toMatchObject({
      live: { version: 1, build: 1 },
      previous: { version: 1, build: 2 },
    });
    await rebuilds.expectProven();
    await flights.feed(300);
    await rebuilds.expectProven();
    await operator.settle('flight', 'rollback');
    await rebuilds.expectProven();
    await operator.settle('flight', 'release');
  });

  it('shows every client what it has just published, through the swap, the way back and forth again', async () => {
    await rebuilds.expectUnnoticed(async () => {
      const { id } = await operator.begin('flight');
      await operator.expectSwapped(id);
      await operator.settle('flight', 'rollback');
      await operator.settle('flight', 'rollback');
    });
    await rebuilds.expectProven();
  });

  it('ends with the release: the build of before goes with its table and its consumer group', async () => {
    const { builds } = await operator.projection('flight');
    const kept = builds.find(({ state }) => state === 'previous')!;
    const group = `flight-v1-b${kept.build}`;
    await waitFor('Kafka to know the group', async () => (await copies(group)).some((offset) => offset > 0n));
    await operator.settle('flight', 'release');
    for (const what of ['rollback', 'release']) {
      const answer = await operator.ask('POST', `/projections/flight/${what}`);
      expect(answer.status).toBe(409);
      expect(answer.body['type']).toMatch(/nothing-kept$/);
    }
    await rebuilds.expectDropped(kept.table);
    await waitFor('the group to be gone', async () => (await copies(group)).every((offset) => offset < 0n));
    await flights.feed(100);
    await rebuilds.expectProven();
  });
});
