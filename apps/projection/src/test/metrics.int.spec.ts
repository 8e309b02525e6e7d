import { defineEntity } from '@millrace/projecting';
import type { MetricFamily } from '@millrace/service';
import { createTestDatabase, TrialTopic, uniqueName, waitFor } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { TrialHost } from './trial-host';

describe('the metrics of a projection service', () => {
  let topic: TrialTopic;
  let database: TestDatabase;
  let host: TrialHost;

  beforeAll(async () => {
    [topic, database] = await Promise.all([
      TrialTopic.create({ Paid: [{ name: 'amount', type: 'int' }] }, 1),
      createTestDatabase(),
    ]);
    const projection = defineEntity({
      ...{ name: uniqueName('metered').replace(/[^a-z0-9]/g, ''), version: 1, key: 'account' },
      columns: { paid: 'integer' },
      folds: (fold) => [
        fold(topic.event('Paid'), (_row, { amount }) => {
          if (amount === 0) throw new Error('this amount was never booked');
          return { paid: Number(amount) };
        }),
      ],
    });
    host = await TrialHost.start(projection, topic, database);
  });

  afterAll(async () => {
    await host.stop();
    await Promise.all([topic.close(), database.drop()]);
  });

  const valuesOf = (families: readonly MetricFamily[], name: string) =>
    families
      .find((family) => family.name === name)
      ?.series.map((each) => ('value' in each ? each.value : each));

  it('have what was folded, written and parked, how long commits took, and how far it is behind', async () => {
    for (const amount of [1, 2, 0]) await topic.publish('Paid', 'a', { amount });
    const last = await topic.publish('Paid', 'b', { amount: 7 });
    await host.rowsAt(last);
    const counted = async (name: string) => valuesOf(await host.metrics(), name);
    await waitFor('its key to be parked', async () => {
      return (await counted('millrace_projection_parked_keys'))?.[0] === 1;
    });
    expect(await counted('messaging_client_consumed_messages_total')).toEqual([4]);
    expect(await counted('millrace_projection_lag_records')).toEqual([0]);
    expect(await counted('millrace_projection_lag_seconds')).toEqual([0]);
    expect(await counted('millrace_projection_standing_still')).toEqual([0]);
    const [rows] = (await counted('millrace_projection_rows_written_total')) ?? [];
    // How many commits it took, and so how often the key was written, is not said.
    expect(rows).toBeGreaterThanOrEqual(2);
    const [commits] = (await counted('millrace_projection_commit_duration_seconds')) ?? [];
    expect(commits).toMatchObject({ labels: { build: '1' } });
  });
});
