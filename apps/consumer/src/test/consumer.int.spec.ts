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

  it('holds a partition at a record that fails, says so, and goes on with it and behind it in order', async () => {
    let tries = 0;
    let failing = true;
    trial.before = async ({ id }) => {
      if (id !== 'bad') return;
      tries += 1;
      if (failing) throw new Error('the seat map is closed');
    };
    await orderAll(0, ['before', 'bad', 'after']);
    await trial.start();
    await orderAll(1, ids('other-', 20));
    await done(1, ids('other-', 20));
    await waitFor('several tries', () => tries > 6);
    expect(await trial.effects(0)).toEqual(['before']);
    const where = `group/${trial.group.name} at ${trial.topic.name}/0/1`;
    await waitFor('the hold to be shown', async () => (await trial.shown(0))?.state === 'held');
    const reason = expect.stringMatching(`${where}, try \\d+: the seat map is closed`) as string;
    expect(await trial.shown(0)).toMatchObject({ reason, nextOffset: '1', lag: '2' });
    const ready = await waitFor('health to say so', async () => {
      const answer = await trial.get('/health/ready');
      return answer.status === 503 && answer;
    });
    expect(ready.body).toMatchObject({
      details: {
        [`group ${trial.group.name}`]: { status: 'down', reason: expect.stringContaining(where) as string },
      },
    });
    failing = false;
    await done(0, ['before', 'bad', 'after']);
    expect(await trial.effects(0)).toEqual(['before', 'bad', 'after']);
    await waitFor('health', async () => (await trial.get('/health/ready')).status === 200);
  });

  it('holds a partition at a record that nobody can read, and says which one', async () => {
    await trial.order(0, 'before');
    await trial.topic.publishValue(trial.topic.keyIn(0), Buffer.from('{"not":"avro"}'));
    await trial.order(0, 'after');
    await orderAll(2, ['other']);
    await trial.start();
    await done(2, ['other']);
    const shown = await waitFor('the hold', async () => {
      const partition = await trial.shown(0);
      return partition?.reason !== undefined && partition;
    });
    expect(shown.reason).toMatch(new RegExp(`at ${trial.topic.name}/0/1, try \\d+: .*is not framed`));
    expect(await trial.effects(0)).toEqual(['before']);
  });

  it('holds, and says what to do, when a handler hides a failed statement', async () => {
    trial.before = async (_order, { transaction }) => {
      await transaction.query('SELECT * FROM nowhere').catch(() => undefined);
    };
    await trial.order(0, 'hidden');
    await trial.start();
    const shown = await waitFor('the hold', async () => {
      const partition = await trial.shown(0);
      return partition?.reason !== undefined && partition;
    });
    expect(shown.reason).toMatch(/at .*\/0\/0.*(aborted|rolled the transaction back)/);
    expect(await trial.effects(0)).toEqual([]);
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
