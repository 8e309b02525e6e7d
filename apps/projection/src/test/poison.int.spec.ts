import { parsePosition } from '@millrace/event';
import { defineAggregate, defineEntity } from '@millrace/projecting';
import type { Projection } from '@millrace/projecting';
import { createTestDatabase, TrialTopic, uniqueName, waitFor } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { TrialHost } from './trial-host';

const FIELDS = [{ name: 'amount', type: 'int' }];

describe('an event that cannot be folded', () => {
  let topic: TrialTopic;
  let name: string;
  let database: TestDatabase;
  const hosts: TrialHost[] = [];
  /** Amounts that the deployed fold does not take. */
  let refused: ReadonlySet<number>;

  beforeEach(async () => {
    [topic, database] = await Promise.all([
      TrialTopic.create({ Paid: FIELDS, Noted: [] }, 1),
      createTestDatabase(),
    ]);
    name = uniqueName('accounts').replace(/[^a-z0-9]/g, '');
    refused = new Set();
  });

  afterEach(async () => {
    await Promise.all(hosts.splice(0).map((host) => host.stop()));
    await Promise.all([topic.close(), database.drop()]);
  });

  const take = (amount: unknown): number => {
    if (refused.has(Number(amount))) throw new Error('this amount was never booked');
    return Number(amount);
  };

  /** The amounts in the order in which they were folded: it shows whatever was lost, doubled or moved. */
  const entity = (more: object = {}): Projection =>
    defineEntity({
      ...{ name, version: 1, key: 'account', columns: { paid: 'text' }, ...more },
      ignores: [topic.event('Noted')],
      folds: (fold) => [
        fold(topic.event('Paid'), ({ paid }, { amount }) => ({
          paid: [paid, take(amount)].filter((each) => each !== null).join(' '),
        })),
      ],
    });
  const aggregate = (): Projection =>
    defineAggregate({
      ...{ name, version: 1, key: 'everybody', columns: { paid: { type: 'integer', merge: 'sum' } } },
      ignores: [topic.event('Noted')],
      empty: { paid: 0 },
      folds: (fold) => [
        fold(
          topic.event('Paid'),
          () => 'all',
          ({ paid }, { amount }) => ({ paid: paid + take(amount) }),
        ),
      ],
    });

  const pay = (account: string | null, ...amounts: number[]) =>
    amounts.reduce<Promise<string>>(
      async (before, amount) => (await before, topic.publish('Paid', account, { amount })),
      Promise.resolve(''),
    );
  const start = async (projection: Projection) => {
    const host = await TrialHost.start(projection, topic, database);
    hosts.push(host);
    return host;
  };
  /** The same again, as a deployment that replaces it. */
  const deploy = async (projection: Projection) => {
    await Promise.all(hosts.splice(0).map((host) => host.stop()));
    return start(projection);
  };

  it('parks its key: later events of it queue, others flow; a corrected fold takes them in order once that is asked for', async () => {
    refused = new Set([2]);
    const host = await start(entity());
    await pay('a', 1, 2, 3);
    await pay('b', 1, 2);
    const end = await pay('c', 7, 8);
    expect(await host.rowsAt(end)).toEqual([
      { account: 'a', paid: '1' },
      { account: 'b', paid: '1' },
      { account: 'c', paid: '7 8' },
    ]);
    const [parked] = await host.poison.list(name, { limit: 1 });
    expect(parked?.reason).toContain('threw: this amount was never booked');
    expect(await host.parked()).toEqual([
      { key: 'a', offset: 1n, events: 2 },
      { key: 'b', offset: 4n, events: 1 },
    ]);
    // Without a fix it stays as it is, with the new event behind it.
    await host.poison.retry(name, { key: 'a' });
    await host.rowsAt(await pay('a', 4));
    await waitFor('the queue of a', async () => (await host.parked())[0]?.events === 3);
    await waitFor('the try to have failed', async () => {
      const fences = `SELECT FROM millrace.key_fence WHERE state = 'parked'`;
      return (await database.query(fences)).length === 0;
    });

    refused = new Set();
    const fixed = await deploy(entity());
    // A deployment alone releases nothing: that is for people to decide.
    expect(await fixed.rowsAt(await pay('c', 9))).toContainEqual({ account: 'a', paid: '1' });
    expect(await fixed.poison.retry(name, { all: true })).toEqual({ keys: 2, partitions: 0 });
    await waitFor('nothing to be parked', async () => (await fixed.parked()).length === 0);
    expect(await fixed.rowsAt(await pay('a', 5))).toEqual([
      { account: 'a', paid: '1 2 3 4 5' },
      { account: 'b', paid: '1 2' },
      { account: 'c', paid: '7 8 9' },
    ]);
  });

  it('is left out once somebody has skipped it, and its key goes on in order', async () => {
    refused = new Set([2, 4]);
    const host = await start(entity());
    await host.rowsAt(await pay('a', 1, 2, 3, 4, 5));
    const at = { topic: topic.name, partition: 0 };
    expect(await host.poison.skip(name, { ...at, offset: 1n }, 'booked twice')).toEqual([1]);
    await waitFor('the next one', async () => {
      const [found] = await host.poison.list(name, { limit: 1 });
      return found?.offset === 3n && !found.isTried;
    });
    await host.poison.skip(name, { ...at, offset: 3n }, 'booked twice');
    await waitFor('nothing to be parked', async () => (await host.parked()).length === 0);
    expect(await host.rowsAt(await pay('a', 6))).toEqual([{ account: 'a', paid: '1 3 5 6' }]);
  });

  it('may be one that nobody can decode, of an unknown type, or that PostgreSQL refuses: its key is parked all the same', async () => {
    const more = { columns: { paid: 'text' } } as const;
    const host = await start(
      defineEntity({
        ...{ name, version: 1, key: 'account', ...more },
        folds: (fold) => [
          fold(topic.event('Paid'), (_, { amount }) => ({ paid: amount === 0 ? 'a\0b' : String(amount) })),
          fold(topic.event('Noted'), (row) => row),
        ],
      }),
    );
    await topic.publishValue('undecodable', Buffer.from('no frame'));
    await topic.publishValue('unknown', Buffer.from([0, 127, 255, 255, 255, 1]));
    await pay('refused', 1, 0, 2);
    await topic.publishTombstone('tombstone');
    expect(await host.rowsAt(await pay('other', 3))).toEqual([
      { account: 'other', paid: '3' },
      { account: 'refused', paid: '1' },
    ]);
    const reasons = (await host.poison.list(name, { limit: 10 })).map(({ key, reason }) => [key, reason]);
    expect(reasons).toEqual([
      ['undecodable', expect.stringContaining('cannot be read as an event')],
      ['unknown', expect.stringContaining('cannot be read as an event')],
      ['refused', expect.stringContaining('a text with a NUL in it')],
      ['tombstone', expect.stringContaining('Declare tombstones')],
    ]);
  });

  it('halts the partition of an aggregate, says why, and goes on after it was skipped or the fold takes it', async () => {
    refused = new Set([2, 5]);
    const host = await start(aggregate());
    await pay('a', 1, 2, 3);
    const halt = (offset: bigint) =>
      waitFor(`the halt at ${offset}`, async () => {
        const [found] = await host.poison.list(name, { limit: 1 });
        return found?.offset === offset && found;
      });
    expect(await halt(1n)).toMatchObject({ key: null, events: 0, state: 'live' });
    const [build] = await host.hosted.report();
    expect(build?.partitions[0]).toMatchObject({ state: 'halted', nextOffset: '1' });
    expect(build?.partitions[0]?.reason).toMatch(
      /never booked.*deploy a fold that takes the event, or skip it/,
    );
    await host.poison.skip(name, { topic: topic.name, partition: 0, offset: 1n }, 'booked twice');
    expect(await host.rowsAt(await pay('a', 4))).toEqual([{ everybody: 'all', paid: 8 }]);

    await pay('a', 5, 6);
    await halt(4n);
    refused = new Set();
    expect(await host.poison.retry(name, { all: true })).toEqual({ keys: 0, partitions: 1 });
    expect(await host.rowsAt(await pay('a', 7))).toEqual([{ everybody: 'all', paid: 26 }]);
  });

  it('halts its partition where there is no key to park', async () => {
    refused = new Set([2]);
    const host = await start(entity());
    await pay('a', 1);
    await pay(null, 2);
    const [halted] = await waitFor('the halt', async () => {
      const found = await host.poison.list(name, { limit: 1 });
      return found.length > 0 && found;
    });
    expect(halted).toMatchObject({ key: null, offset: 1n });
    await host.poison.skip(name, { topic: topic.name, partition: 0, offset: 1n }, 'nobody’s');
    expect(await host.rowsAt(await pay('a', 3))).toEqual([{ account: 'a', paid: '1 3' }]);
  });

  it('halts its partition at the bound of what may be parked, and goes on when that is folded', async () => {
    refused = new Set([2]);
    const host = await start(entity({ parking: { maxKeys: 1 } }));
    await pay('a', 2);
    await pay('b', 2);
    const end = await pay('c', 1);
    await waitFor('the halt', async () => (await host.parked()).some(({ key }) => key === null));
    refused = new Set();
    expect(await host.poison.retry(name, { all: true })).toEqual({ keys: 1, partitions: 1 });
    await host.rowsAt(end);
    await waitFor('nothing to be parked', async () => (await host.parked()).length === 0);
    expect(await host.rows()).toEqual([
      { account: 'a', paid: '2' },
      { account: 'b', paid: '2' },
      { account: 'c', paid: '1' },
    ]);
  });

  it('that is a repeat of one that failed is no event of its own', async () => {
    refused = new Set([2]);
    const host = await start(entity());
    await topic.publish('Paid', 'a', { amount: 2 }, 'twice');
    await topic.publish('Paid', 'a', { amount: 2 }, 'twice');
    await host.rowsAt(await pay('b', 1));
    expect(await host.parked()).toEqual([{ key: 'a', offset: 0n, events: 1 }]);
    expect(parsePosition(await pay('b', 2)).offset).toBe(3n);
  });
});
