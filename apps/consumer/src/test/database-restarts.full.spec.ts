import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { TransactionalDelivery } from '@millrace/delivery';
import { addressVariables } from '@millrace/stack';
import { diffIds, startTestStack, waitFor } from '@millrace/testing';
import type { TestStack } from '@millrace/testing';
import { TrialConsumer } from './trial-consumer';

interface Order {
  readonly id: string;
}

const KINDS = ['transactional', 'transactional, with errors of their own', 'external'] as const;
const PARTITIONS = [0, 1, 2];
const KEYS = [0, 1, 2];
/** PostgreSQL that starts again on a busy machine. */
const WITHIN_MS = 90_000;

/** Handlers are in the middle of their work each time that PostgreSQL goes away. */
describe('while the database goes away again and again, a group whose handlers are', () => {
  let stack: TestStack;
  let trial: TrialConsumer;
  /** What took effect, in order. */
  let effects: () => Promise<string[]>;
  let attempts: Set<number>;
  /** What handlers wait for in the middle, and how many do. */
  let gate: PromiseWithResolvers<void>;
  let inside = 0;
  const failing = new Set<string>();

  beforeAll(async () => {
    stack = await startTestStack({ durable: true });
    Object.assign(process.env, addressVariables(stack.addresses));
  });
  afterAll(() => stack.stop());
  afterEach(() => trial.remove());

  async function begin(kind: (typeof KINDS)[number]): Promise<void> {
    const isExternal = kind === 'external';
    // The registry answers with an error for each connection that it had before.
    trial = await waitFor('the registry to have found its database again', () =>
      TrialConsumer.create({
        kind: isExternal ? 'external' : 'transactional',
        // One attempt that is spent parks the record.
        retry: { attempts: 1 },
        ...(isExternal ? { calls: { timeoutMs: WITHIN_MS } } : {}),
      }),
    );
    const pass = async ({ id }: Order) => {
      inside += 1;
      await gate.promise;
      inside -= 1;
      if (failing.has(id)) throw new Error('not now');
    };
    const calls: string[] = [];
    attempts = new Set();
    trial.before = pass;
    trial.outside = async (order, { attempt }) => {
      await pass(order);
      attempts.add(attempt);
      calls.push(order.id);
    };
    if (kind === 'transactional, with errors of their own') trial.controllerFor = wrappingControllerOf;
    effects = () => (isExternal ? Promise.resolve(calls) : trial.taken());
    gate = Promise.withResolvers();
    await trial.start();
  }

  const goAway: Readonly<Record<string, () => Promise<unknown>>> = {
    'is killed': async () => {
      await stack.servers.postgres?.kill('SIGKILL');
      await stack.servers.postgres?.start();
    },
    'is shut down': async () => stack.servers.postgres?.restart(),
    'ends its sessions': () =>
      trial.database.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      ),
  };

  const publish = (orders: readonly (readonly [partition: number, key: number, id: string])[]) =>
    Promise.all(orders.map(([partition, key, id]) => trial.order(partition, id, key)));
  const spent = () => {
    const meters = trial.meter.partitions.map(({ meter }) => meter);
    return meters.reduce(
      (sum, { retries, parkings, deadLetters }) => sum + retries + parkings + deadLetters,
      0,
    );
  };

  /** Each once, or at least once where they leave the platform, and those of a key in this order. */
  async function expectEffects(keys: readonly (readonly string[])[]): Promise<void> {
    const wanted = keys.flat();
    const done = await waitFor(
      `${wanted.length} effects`,
      async () => {
        const found = await effects();
        return wanted.every((id) => found.includes(id)) && found;
      },
      WITHIN_MS,
    );
    const counted = trial.group.kind === 'external' ? [...new Set(done)] : done;
    expect(diffIds(wanted, counted)).toEqual({ missing: [], extra: [] });
    for (const ofKey of keys) expect(counted.filter((id) => ofKey.includes(id))).toEqual(ofKey);
    await waitFor('the positions', async () => {
      const shown = await Promise.all(PARTITIONS.map((partition) => trial.shown(partition)));
      return shown.every((each) => each?.state === 'running' && each.lag === '0');
    });
  }

  it.each(KINDS)('%s loses nothing, spends no attempt and parks nothing', async (kind) => {
    await begin(kind);
    const published: (readonly [number, number, string])[] = [];
    for (const [how, away] of Object.entries(goAway)) {
      const ordersOf = (when: string) =>
        PARTITIONS.flatMap((partition) =>
          KEYS.flatMap((key) =>
            [1, 2, 3].map((nth) => [partition, key, `${partition}/${key} ${how} ${when} ${nth}`] as const),
          ),
        );
      const before = ordersOf('before');
      await publish(before);
      await waitFor('handlers in the middle of their work', () => inside > 0);
      await away();
      const after = ordersOf('after');
      await publish(after);
      published.push(...before, ...after);
      gate.resolve();
      const keys = Map.groupBy(published, ([partition, key]) => `${partition}/${key}`);
      await expectEffects([...keys.values()].map((ofKey) => ofKey.map(([, , id]) => id)));
      gate = Promise.withResolvers();
    }
    expect(spent()).toBe(0);
    if (kind === 'external') expect(attempts).toEqual(new Set([1]));
    expect(await trial.parked()).toEqual([]);
    gate.resolve();
  });

  it.each(KINDS)('%s spends no attempt of a parked record, and drains its queue in order', async (kind) => {
    await begin(kind);
    for (const [how, away] of Object.entries(goAway)) {
      const orders = ['bad', 'behind-1', 'behind-2'].map((each) => `${how} ${each}`);
      const [bad] = orders;
      failing.add(bad!);
      gate.resolve();
      for (const id of orders) await trial.order(0, id);
      await waitFor('the queue', async () => (await trial.parked()).length === orders.length);
      gate = Promise.withResolvers();
      await waitFor('a drain', () => inside > 0);
      failing.clear();
      const spentBefore = spent();
      await away();
      gate.resolve();
      const known = (await effects()).filter((id) => !orders.includes(id));
      await expectEffects([[...new Set(known)], orders]);
      await waitFor('no record to be parked', async () => (await trial.parked()).length === 0);
      expect(spent()).toBe(spentBefore);
    }
  });
});

/** Handlers that say in words of their own that the database failed. */
function wrappingControllerOf(trial: TrialConsumer): new () => object {
  @Controller()
  class OrdersController {
    @EventPattern(trial.group.on(trial.topic.event('Ordered')))
    async onOrdered(@Payload() order: Order, @Ctx() delivery: TransactionalDelivery): Promise<void> {
      const { partition, offset } = delivery.metadata;
      await trial.before(order, delivery);
      try {
        await delivery.transaction.query('INSERT INTO effect VALUES ($1, $2, $3)', [
          order.id,
          partition,
          offset,
        ]);
      } catch {
        throw new Error('the order cannot be taken');
      }
    }
  }
  return OrdersController;
}
