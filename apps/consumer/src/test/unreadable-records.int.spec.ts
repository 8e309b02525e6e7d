import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { defineConsumerGroup } from '@millrace/delivery';
import type { ExternalDelivery, TransactionalDelivery } from '@millrace/delivery';
import { readRecord, waitFor } from '@millrace/testing';
import { TrialConsumer } from './trial-consumer';
import type { ParkedShown } from './trial-consumer';

interface Order {
  readonly id: string;
}

describe.each(['transactional', 'external'] as const)('a running group with %s handlers', (kind) => {
  let trial: TrialConsumer;
  let calls: string[];

  beforeEach(async () => {
    calls = [];
    trial = await TrialConsumer.create({ kind });
    trial.controllerFor = controllerOf;
    await trial.start();
    await trial.order(0, 'first');
    await expectDone(['first']);
  });

  afterEach(() => trial.remove());

  /** All that has taken effect, in the order in which it did. */
  const done = () => (kind === 'external' ? Promise.resolve(calls) : trial.taken());
  async function expectDone(ids: readonly string[]): Promise<void> {
    await waitFor(`the orders ${ids.join(', ')}`, async () => (await done()).length >= ids.length);
    expect([...(await done())].sort()).toEqual([...ids].sort());
  }
  const parked = (what: string, is: (records: ParkedShown[]) => boolean, of = trial) =>
    waitFor(what, async () => {
      const records = await of.parked();
      return is(records) && records;
    });
  const decide = (decision: string, positions: readonly string[], of = trial) =>
    of.post(`/v1/groups/${trial.group.name}/parked/${decision}`, { positions });
  const passed = (offsets: number) =>
    waitFor(`${offsets} records to be passed`, async () => {
      const shown = await trial.shown(0);
      return shown?.state === 'running' && shown.nextOffset === String(offsets);
    });

  it('keeps each record that nobody can read as a dead letter, and its key behind it; discarded, its key goes on', async () => {
    const { value } = await readRecord(`${trial.topic.name}/0/0`);
    const unreadable: readonly (readonly [Buffer | null, RegExp])[] = [
      [Buffer.from('{"not":"avro"}'), /is not framed/],
      [Buffer.of(0, 0x7f, 0xff, 0xff, 0xfe, 1), /has no schema with id 2147483646/],
      // More than some registries have numbers for.
      [Buffer.of(0, 0xff, 0xff, 0xff, 0xff, 1), /has no schema with id 4294967295/],
      [value!.subarray(0, -1), /does not fit its schema/],
      [null, /has no value/],
    ];
    const places: string[] = [];
    for (const [index, [bytes]] of unreadable.entries()) {
      await trial.order(0, `before-${index}`, index);
      places.push(await trial.topic.publishValue(trial.topic.keyIn(0, index), bytes));
      await trial.order(0, `behind-${index}`, index);
    }
    await trial.order(0, 'other', unreadable.length);
    const others = ['first', ...unreadable.map((_each, index) => `before-${index}`), 'other'];
    await expectDone(others);
    await passed(2 + 3 * unreadable.length);

    const records = await parked('all', ({ length }) => length === 2 * unreadable.length);
    const dead = records.filter(({ state }) => state === 'dead');
    expect(dead.map(({ position }) => position)).toEqual(places);
    for (const [index, [, message]] of unreadable.entries()) {
      expect(dead[index]?.failure).toMatchObject({ reason: 'undecodable', attempts: 1 });
      expect(dead[index]?.failure?.message).toMatch(message);
    }
    // It speaks against nobody but the record.
    expect((await trial.get('/health/ready')).status).toBe(200);

    expect((await decide('redrive', places)).body).toEqual({ redriven: places.length });
    await parked('them to be dead again', (found) =>
      found.every(({ state, failure }) => state === 'queued' || failure?.attempts === 2),
    );
    await expectDone(others);
    expect((await decide('discard', places)).body).toEqual({ discarded: places.length });
    await expectDone([...others, ...unreadable.map((_each, index) => `behind-${index}`)]);
    expect(await trial.parked()).toEqual([]);
  });

  it('keeps events of a type that is new to it as dead letters, and their keys behind them, until a release that handles it', async () => {
    const fields = [{ name: 'id', type: 'string' }];
    const topic = await trial.topic.withEvents({ Ordered: fields, Noted: fields, Cancelled: fields });
    const place = await topic.publish('Cancelled', topic.keyIn(0), { id: 'cancelled' }, 'cancelled');
    await trial.order(0, 'behind');
    await trial.order(0, 'other', 1);
    await expectDone(['first', 'other']);
    await passed(4);
    const [cancelled, behind] = await parked('both', ({ length }) => length === 2);
    expect(cancelled).toMatchObject({
      ...{ id: 'cancelled', position: place, state: 'dead', failure: { reason: 'undecodable', attempts: 1 } },
    });
    expect(cancelled?.failure?.message).toMatch(
      /type trial\.Cancelled .* trial\.Ordered, trial\.Noted .*or upgrade this process/,
    );
    expect(behind).toMatchObject({ id: 'behind', state: 'queued' });
    await trial.stop();

    const { name, retry, parking } = trial.group;
    const handles = [topic.event('Ordered'), topic.event('Cancelled')];
    const ignores = [topic.event('Noted')];
    const group = defineConsumerGroup({ name, kind, handles, ignores, retry, parking });
    const upgraded = trial.beside({ topic, group });
    upgraded.controllerFor = upgradedControllerOf;
    try {
      await upgraded.start();
      await trial.order(0, 'later');
      await parked('what came later', ({ length }) => length === 3, upgraded);
      expect((await decide('redrive', [place], upgraded)).body).toEqual({ redriven: 1 });
      await expectDone(['first', 'other', 'cancelled', 'behind', 'later']);
      expect((await done()).slice(2)).toEqual(['cancelled', 'behind', 'later']);
      expect(await upgraded.parked()).toEqual([]);
    } finally {
      await upgraded.stop();
      await topic.close();
    }
  });

  async function take(order: Order, delivery: TransactionalDelivery | ExternalDelivery): Promise<void> {
    if (!('transaction' in delivery)) return void calls.push(order.id);
    const { partition, offset } = delivery.metadata;
    await delivery.transaction.query('INSERT INTO effect VALUES ($1, $2, $3)', [order.id, partition, offset]);
  }

  function controllerOf({ group, topic }: TrialConsumer) {
    @Controller()
    class OrdersController {
      @EventPattern(group.on(topic.event('Ordered')))
      async onOrdered(@Payload() order: Order, @Ctx() delivery: TransactionalDelivery): Promise<void> {
        await take(order, delivery);
      }
    }
    return OrdersController;
  }

  function upgradedControllerOf(upgraded: TrialConsumer) {
    @Controller()
    class UpgradedController extends controllerOf(upgraded) {
      @EventPattern(upgraded.group.on(upgraded.topic.event('Cancelled')))
      async onCancelled(@Payload() order: Order, @Ctx() delivery: TransactionalDelivery): Promise<void> {
        await take(order, delivery);
      }
    }
    return UpgradedController;
  }
});
