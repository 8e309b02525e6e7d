import type { TransactionalDelivery } from '@millrace/delivery';
import { waitFor } from '@millrace/testing';
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
    expect(deliveries.map(({ metadata }) => metadata)).toMatchObject([
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

  it('copies its position to Kafka while it runs, also where nothing was done yet, and when it stops', async () => {
    await trial.order(0, 'one');
    await trial.start();
    await waitFor('the copies', async () => (await trial.copiedOffsets()).join() === '1,0,0');
    const orders = ids('more-', 30);
    await orderAll(1, orders);
    await done(1, orders);
    await trial.stop();
    expect(await trial.copiedOffsets()).toEqual([1n, 30n, 0n]);
  });
});
