import { defineUpcaster } from '@millrace/contracts';
import type { Upcaster } from '@millrace/contracts';
import { defineAggregate, defineEntity } from '@millrace/projecting';
import type { Projection } from '@millrace/projecting';
import { createTestDatabase, TrialTopic, uniqueName, waitFor } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { TrialHost } from './trial-host';

const SECONDS = [{ name: 'seconds', type: 'int' }];
const MINUTES = [{ name: 'minutes', type: 'int' }];
const MINUTES_OR_NONE = [{ name: 'minutes', type: 'int', default: 0 }];

const toMinutes = defineUpcaster<{ seconds: number }>({
  name: 'seconds-to-minutes',
  event: 'trial.Waited',
  writtenWith: { has: ['seconds'], lacks: ['minutes'] },
  upcast: ({ seconds }) => ({ minutes: seconds / 60 }),
});

describe('a new version of an event in a read model', () => {
  const topics: TrialTopic[] = [];
  const databases: TestDatabase[] = [];
  const hosts: TrialHost[] = [];

  afterEach(() => Promise.all(hosts.splice(0).map((host) => host.stop())));
  afterAll(() =>
    Promise.all([...topics, ...databases].map((each) => ('drop' in each ? each.drop() : each.close()))),
  );

  /** A log whose first event is of the version before; `last` is the position of the second. */
  async function logOfTwoVersions(fields: typeof MINUTES): Promise<{ topic: TrialTopic; last: string }> {
    const before = await TrialTopic.create({ Waited: SECONDS }, 1);
    topics.push(before);
    await before.publish('Waited', 'old', { seconds: 120 });
    const topic = await before.withEvents({ Waited: fields });
    topics.push(topic);
    return { topic, last: await topic.publish('Waited', 'new', { minutes: 5 }) };
  }

  // Kafka groups are named after projections.
  const ownName = () => uniqueName('waits').replace(/[^a-z0-9]/g, '');

  /** A row for each who waited. */
  function waits(topic: TrialTopic): Projection {
    return defineEntity({
      ...{ name: ownName(), version: 1, key: 'waiter', columns: { minutes: 'integer' } },
      folds: (fold) => [fold(topic.event('Waited'), (_, { minutes }) => ({ minutes: Number(minutes) }))],
    });
  }

  /** All of them together: what cannot be read halts it, since it has no row that could wait alone. */
  function sums(topic: TrialTopic): Projection {
    return defineAggregate({
      ...{ name: ownName(), version: 1, key: 'who', empty: { minutes: 0 } },
      columns: { minutes: { type: 'integer', merge: 'sum' } },
      folds: (fold) => [
        fold(
          topic.event('Waited'),
          () => 'all',
          (sum, { minutes }) => ({ minutes: sum.minutes + Number(minutes) }),
        ),
      ],
    });
  }

  async function host(
    topic: TrialTopic,
    projection: Projection,
    upcasters: readonly Upcaster[],
  ): Promise<TrialHost> {
    const database = await createTestDatabase();
    databases.push(database);
    const started = await TrialHost.start(
      projection,
      { catalogue: { ...topic.catalogue, upcasters } },
      database,
    );
    hosts.push(started);
    return started;
  }

  async function haltOf({ hosted }: TrialHost): Promise<{ reason?: string | undefined; nextOffset: string }> {
    return waitFor('the partition to halt', async () => {
      const [build] = await hosted.report();
      const [partition] = build?.partitions ?? [];
      return (
        partition?.state === 'halted' && {
          reason: partition.reason,
          nextOffset: partition.nextOffset,
        }
      );
    });
  }

  it('has what the older events meant with its upcaster, and the default of what they lack without', async () => {
    const { topic, last } = await logOfTwoVersions(MINUTES_OR_NONE);
    const fresh = { waiter: 'new', minutes: 5 };
    expect(await (await host(topic, waits(topic), [])).rowsAt(last)).toEqual([
      fresh,
      { waiter: 'old', minutes: 0 },
    ]);
    expect(await (await host(topic, waits(topic), [toMinutes])).rowsAt(last)).toEqual([
      fresh,
      { waiter: 'old', minutes: 2 },
    ]);
  });

  it('that Avro cannot resolve halts the model without its upcaster, and is folded with it', async () => {
    const { topic, last } = await logOfTwoVersions(MINUTES);
    const { reason, nextOffset } = await haltOf(await host(topic, sums(topic), []));
    expect(reason).toMatch(/minutes/);
    expect(nextOffset).toBe('0');
    const rows = await (await host(topic, sums(topic), [toMinutes])).rowsAt(last);
    expect(rows).toEqual([{ who: 'all', minutes: 7 }]);
  });

  it('halts where an upcaster fails, at that record and with the upcaster’s name', async () => {
    const { topic } = await logOfTwoVersions(MINUTES);
    const half = { ...toMinutes, upcast: () => ({ minutes: 0.5 }) };
    const { reason, nextOffset } = await haltOf(await host(topic, sums(topic), [half]));
    expect(reason).toMatch(/seconds-to-minutes: .*\/minutes: expected int/);
    expect(nextOffset).toBe('0');
  });
});
