import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { ConsumerGroupDefinition, TransactionalBatchDelivery } from '@millrace/delivery';
import { PermanentError } from '@millrace/delivery';
import { diffIds, waitFor } from '@millrace/testing';
import { TrialConsumer } from './trial-consumer';

interface Order {
  readonly id: string;
}

/** The records of a batch in each partition: of its first key, of its second one, or of none. */
const KEYS = [0, 1, null, 0, 1, null, 0] as const;
const EACH = KEYS.map((_key, offset) => offset);
const KINDS = ['transactional', 'transactional, of many events at once', 'external'] as const;

/** In each partition another record fails for good. */
const everywhere = KINDS.map((kind) => ({ kind, poisoned: EACH }));
/** Failures of five records in a row speak against what an external handler calls: fewer fail at once there. */
const fewAtOnce = everywhere.flatMap(({ kind, poisoned }) =>
  (kind === 'external' ? [poisoned.slice(0, 4), poisoned.slice(4)] : [poisoned]).map((few) => ({
    kind,
    poisoned: few,
  })),
);

describe('of a batch in which one record fails for good, wherever it lies,', () => {
  let trial: TrialConsumer;
  /** What took effect, in the order in which it did, as partition/offset. */
  let effects: () => Promise<string[]>;
  let failure: Error | undefined;
  let poison: readonly string[];

  /** In partition n a batch whose record at `poisoned[n]` fails. Every id is its order's place: partition/offset. */
  async function begin(
    { kind, poisoned }: { readonly kind: (typeof KINDS)[number]; readonly poisoned: readonly number[] },
    error: Error,
    declared: Partial<ConsumerGroupDefinition> = {},
  ): Promise<void> {
    const isExternal = kind === 'external';
    trial = await TrialConsumer.create(
      { kind: isExternal ? 'external' : 'transactional', ...declared },
      poisoned.length,
    );
    failure = error;
    poison = poisoned.map((offset, partition) => `${partition}/${offset}`);
    const meet = async ({ id }: Order) => {
      if (failure !== undefined && poison.includes(id)) throw failure;
    };
    const calls: string[] = [];
    trial.before = meet;
    trial.outside = async (order) => {
      await meet(order);
      calls.push(order.id);
    };
    if (kind === 'transactional, of many events at once') trial.controllerFor = batchControllerOf;
    effects = () => (isExternal ? Promise.resolve(calls) : trial.taken());
    for (const [offset, nth] of KEYS.entries()) {
      const published = poisoned.map((_offset, partition) => {
        const key = nth === null ? null : trial.topic.keyIn(partition, nth);
        const id = `${partition}/${offset}`;
        return trial.topic.publish('Ordered', key, { id }, id);
      });
      const places = poisoned.map((_offset, partition) => `${trial.topic.name}/${partition}/${offset}`);
      expect(await Promise.all(published)).toEqual(places);
    }
    await trial.start();
  }

  afterEach(() => trial.remove());

  const all = () => poison.flatMap((_id, partition) => EACH.map((offset) => `${partition}/${offset}`));
  /** The later records of the key of one that fails. */
  const behind = () =>
    poison.flatMap((id) => {
      const [partition, place] = id.split('/').map(Number);
      const key = KEYS[place!];
      const later = EACH.filter((offset) => offset > place! && key !== null && KEYS[offset] === key);
      return later.map((offset) => `${partition}/${offset}`);
    });

  /** All but these take effect: once, or at least once where they leave the platform; and in the order of their key. */
  async function expectAllBut(without: readonly string[]): Promise<void> {
    const wanted = all().filter((id) => !without.includes(id));
    const done = await waitFor(`${wanted.length} effects`, async () => {
      const found = await effects();
      return wanted.every((id) => found.includes(id)) && found;
    });
    const counted = trial.group.kind === 'external' ? [...new Set(done)] : done;
    expect(diffIds(wanted, counted)).toEqual({ missing: [], extra: [] });
    for (const partition of poison.keys()) {
      for (const key of [0, 1]) {
        const ofKey = EACH.filter((offset) => KEYS[offset] === key).map((offset) => `${partition}/${offset}`);
        const ofThese = (id: string) => ofKey.includes(id);
        expect(counted.filter(ofThese)).toEqual(wanted.filter(ofThese));
      }
    }
  }

  /** Every position has passed its batch, and this is what lies beside it. */
  async function expectPassed(kept: { dead?: readonly string[]; queued?: readonly string[] }): Promise<void> {
    const { dead = [], queued = [] } = kept;
    for (const partition of poison.keys()) {
      await waitFor(`partition ${partition} to be passed`, async () => {
        const shown = await trial.shown(partition);
        return shown?.state === 'running' && shown.nextOffset === String(KEYS.length);
      });
    }
    const idsOf = (records: readonly { readonly id?: string }[]) => records.map(({ id }) => String(id));
    await waitFor(
      'what is parked',
      async () => (await trial.parked()).length === dead.length + queued.length,
    );
    const records = await trial.parked();
    expect(idsOf(records.filter(({ state }) => state === 'dead')).sort()).toEqual([...dead].sort());
    expect(idsOf(records.filter(({ state }) => state === 'queued')).sort()).toEqual([...queued].sort());
  }

  it.each(everywhere)('all others take effect when it dies and its key is released: $kind', async (given) => {
    await begin(given, new PermanentError('there is no such flight'), { deadKey: 'release' });
    await expectAllBut(poison);
    await expectPassed({ dead: poison });
  });

  it.each(everywhere)(
    'all others but those behind it do when it dies, and those do when it is discarded: $kind',
    async (given) => {
      await begin(given, new PermanentError('there is no such flight'));
      await expectAllBut([...poison, ...behind()]);
      await expectPassed({ dead: poison, queued: behind() });
      const positions = poison.map((id) => `${trial.topic.name}/${id}`);
      const { body } = await trial.post(`/v1/groups/${trial.group.name}/parked/discard`, { positions });
      expect(body).toEqual({ discarded: poison.length });
      await expectAllBut(poison);
      await expectPassed({});
    },
  );

  it.each(fewAtOnce)(
    'all others but those behind it do while it is parked, and then it does, before them: $kind, $poisoned',
    async (given) => {
      await begin(given, new Error('the seat map is closed'));
      await expectAllBut([...poison, ...behind()]);
      await expectPassed({ queued: [...poison, ...behind()] });
      failure = undefined;
      await expectAllBut([]);
      await expectPassed({});
    },
  );
});

function batchControllerOf(trial: TrialConsumer): new () => object {
  @Controller()
  class OrdersController {
    @EventPattern(trial.group.onBatch(trial.topic.event('Ordered')))
    async onOrdered(
      @Payload() orders: readonly Order[],
      @Ctx() { transaction, metadata, signal }: TransactionalBatchDelivery,
    ): Promise<void> {
      for (const [index, order] of orders.entries()) {
        const of = metadata[index]!;
        await trial.before(order, { transaction, signal, metadata: of });
        const values = [order.id, of.partition, of.offset];
        await transaction.query('INSERT INTO effect VALUES ($1, $2, $3)', values);
      }
    }
  }
  return OrdersController;
}
