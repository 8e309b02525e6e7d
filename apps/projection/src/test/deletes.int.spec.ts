import { parsePosition } from '@millrace/event';
import { defineEntity } from '@millrace/projecting';
import type { Projection, Tombstones } from '@millrace/projecting';
import { createTestDatabase, TrialTopic, uniqueName } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { TrialHost } from './trial-host';

const FIELDS = [{ name: 'amount', type: 'int' }];

describe('rows that are deleted', () => {
  let topic: TrialTopic;
  const databases: TestDatabase[] = [];
  const hosts: TrialHost[] = [];

  beforeAll(async () => {
    topic = await TrialTopic.create({ Opened: FIELDS, Paid: FIELDS, Closed: [] }, 1);
  });

  afterEach(() => Promise.all(hosts.splice(0).map((host) => host.stop())));
  afterAll(() => Promise.all([topic.close(), ...databases.map((database) => database.drop())]));

  /** How often it was opened and paid since it was last deleted shows whether a row began again from nothing. */
  function accounts(tombstones?: Tombstones): Projection {
    const count = ({ paid }: { readonly paid: number | null }, { amount }: Record<string, unknown>) => ({
      paid: (paid ?? 0) + Number(amount),
    });
    return defineEntity({
      // Kafka groups are named after projections.
      name: uniqueName('accounts').replace(/[^a-z0-9]/g, ''),
      version: 1,
      key: 'account',
      columns: { paid: 'integer' },
      ...(tombstones === undefined ? {} : { tombstones }),
      folds: (fold) => [
        fold(topic.event('Opened'), count),
        fold(topic.event('Paid'), count),
        fold(topic.event('Closed'), () => null),
      ],
    });
  }

  async function host(projection: Projection): Promise<TrialHost> {
    const database = await createTestDatabase();
    databases.push(database);
    const started = await TrialHost.start(projection, topic, database);
    hosts.push(started);
    return started;
  }

  const pay = (account: string, amount: number) => topic.publish('Paid', account, { amount });

  it('by a fold or a tombstone are gone, and begin again from nothing, however the log is cut into commits', async () => {
    const live = await host(accounts('delete'));
    await live.rowsAt(await Promise.all(['a', 'b', 'c'].map((key) => pay(key, 1))).then((all) => all[2]!));
    await topic.publish('Closed', 'a', {});
    expect(await live.rowsAt(await topic.publishTombstone('b'))).toEqual([{ account: 'c', paid: 1 }]);
    // Once more where there is no row any more, and a key that never had one.
    await topic.publishTombstone('a');
    await topic.publishTombstone('never there');
    expect(await live.rowsAt(await pay('a', 5))).toEqual([
      { account: 'a', paid: 5 },
      { account: 'c', paid: 1 },
    ]);
    await Promise.all([pay('b', 7), topic.publishTombstone('c')]);
    const end = await pay('a', 1);
    const expected = [
      { account: 'a', paid: 6 },
      { account: 'b', paid: 7 },
    ];
    expect(await live.rowsAt(end)).toEqual(expected);
    // Another model meets all of them at once.
    expect(await (await host(accounts('delete'))).rowsAt(end)).toEqual(expected);
  });

  it('stay where tombstones are ignored', async () => {
    const hosted = await host(accounts('ignore'));
    await pay('kept', 3);
    const rows = await hosted.rowsAt(await topic.publishTombstone('kept'));
    expect(rows).toContainEqual({ account: 'kept', paid: 3 });
  });

  it('are not decided by chance: a tombstone that nobody declared parks its key, and says so', async () => {
    await pay('unexpected', 1);
    const tombstone = await topic.publishTombstone('unexpected');
    const projection = accounts();
    const hosted = await host(projection);
    const end = await pay('other', 2);
    const rows = await hosted.rowsAt(end);
    expect(rows).toContainEqual({ account: 'unexpected', paid: 1 });
    const parked = await hosted.poison.list(projection.name, { limit: 100 });
    const own = parked.find(({ key }) => key === 'unexpected');
    expect(own).toMatchObject(parsePosition(tombstone));
    expect(own?.reason).toContain("Declare tombstones: 'delete' or 'ignore'");
  });
});
