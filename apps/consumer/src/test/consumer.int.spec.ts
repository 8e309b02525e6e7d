import type { TransactionalDelivery } from '@millrace/delivery';
import { moveGroupOffsets, waitFor } from '@millrace/testing';
import { TrialConsumer } from './trial-consumer';

describe('the consumer', () => {
  let trial: TrialConsumer;

  beforeEach(async () => {
    trial = await TrialConsumer.create();
  });

  afterEach(() => trial.remove());

  const ids = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${prefix}${index}`);
  const orderAll = (partition: number, orders: readonly string[]) =>
    Promise.all(orders.map((id) => trial.order(partition, id)));
  const done = (partition: number, orders: readonly string[]) =>
    waitFor(`the orders of partition ${partition}`, async () => {
      const effects = await trial.effects(partition);
      return effects.length >= orders.length && (await trial.shown(partition))?.lag === '0';
    });

  it('takes every record once, in the order of its partition, repeats and ignored types aside', async () => {
    const orders = [0, 1, 2].map((partition) => ids(`p${partition}-`, 200));
    const written = orders.map((some, partition) => orderAll(partition, [...some, ...some.slice(0, 50)]));
    await trial.topic.publish('Noted', trial.topic.keyIn(0), { id: 'noted' });
    await trial.start();
    await Promise.all(written);
    for (const [partition, some] of orders.entries()) {
      await done(partition, some);
      expect(await trial.effects(partition)).toEqual(some);
    }
    expect(await trial.get('/health/ready')).toMatchObject({ status: 200 });
  });

  it('gives a handler the event’s metadata and the transaction that moves the position', async () => {
    const deliveries: TransactionalDelivery[] = [];
    trial.before = async (_order, delivery) => {
      deliveries.push(delivery);
      const { rows } = await delivery.transaction.query<{ next_offset: bigint }>(
        'SELECT next_offset FROM millrace.position WHERE reader = $1 AND partition = 1',
        [`group/${trial.group.name}`],
      );
      // Moved already within the transaction: both commit together.
      expect(rows).toEqual([{ next_offset: 1n }]);
    };
    const position = await trial.order(1, 'first');
    await trial.start();
    await done(1, ['first']);
    expect(deliveries.map(({ metadata }) => metadata)).toEqual([
      {
        id: 'first',
        source: '/specs',
        type: 'trial',
        time: new Date(0),
        topic: trial.topic.name,
        partition: 1,
        offset: 0n,
        key: trial.topic.keyIn(1),
      },
    ]);
    expect(position).toBe(`${trial.topic.name}/1/0`);
  });

  it('follows its position in PostgreSQL, wherever Kafka’s copy was moved, and writes that copy', async () => {
    const orders = [ids('back-', 30), ids('ahead-', 30)];
    await Promise.all(orders.map((some, partition) => orderAll(partition, some)));
    await trial.start();
    for (const [partition, some] of orders.entries()) await done(partition, some);
    await trial.stop();
    expect(await trial.copiedOffsets()).toEqual([30n, 30n, -1n]);

    await waitFor('the group to be empty', async () => {
      await moveGroupOffsets(trial.group.name, trial.topic.name, [3n, 1_000n]);
      return true;
    });
    expect(await trial.copiedOffsets()).toEqual([3n, 1_000n, -1n]);
    for (const [partition, some] of orders.entries()) some.push(...ids(`later-${partition}-`, 5));
    await Promise.all(orders.map((some, partition) => orderAll(partition, some.slice(30))));
    await trial.start();
    for (const [partition, some] of orders.entries()) {
      await done(partition, some);
      expect(await trial.effects(partition)).toEqual(some);
    }
    await trial.stop();
    expect(await trial.copiedOffsets()).toEqual([35n, 35n, -1n]);
  });

  it('copies its position to Kafka while it runs', async () => {
    await trial.order(0, 'one');
    await trial.start();
    const copied = await waitFor('the copy', async () => {
      const offsets = await trial.copiedOffsets();
      return offsets[0] !== -1n && offsets;
    });
    expect(copied).toEqual([1n, -1n, -1n]);
  });
});
