import type { Series } from '@millrace/service';
import type { GroupPartition, GroupReport } from '../group-reports';
import { groupFamilies } from './group-families';
import type { ScrapedGroup } from './group-families';
import { GroupMeter } from './group-meter';

const at = { topic: 'orders', partition: 3 };
const labels = {
  messaging_system: 'kafka',
  messaging_consumer_group_name: 'billing',
  messaging_destination_name: 'orders',
  messaging_destination_partition_id: '3',
};

function scraped(partition: Partial<GroupPartition> = {}, meter = new GroupMeter()): ScrapedGroup {
  const report: GroupReport = {
    ...{ name: 'billing', kind: 'transactional', lagObjectiveSeconds: null, replaySafe: false },
    state: 'joined',
    breakers: {},
    partitions: [
      {
        ...at,
        state: 'running',
        nextOffset: '5',
        logEnd: '9',
        lag: '4',
        lagSeconds: 1.5,
        recordsPerSecond: 2,
        parked: { keys: 1, records: 7, dead: 2, oldestDeadSeconds: 90.5 },
        ...partition,
      },
    ],
  };
  const { state = 'running' } = partition;
  return { name: 'billing', meter, held: state === 'elsewhere' ? [] : [{ ...at, state }], report };
}

/** The values of a metric, by what tells its series apart beside the group and the partition. */
function seriesOf(group: ScrapedGroup, name: string): unknown[] {
  const family = groupFamilies([group]).find((each) => each.name === name);
  return (family?.series ?? []).map((each) => ('value' in each ? (each satisfies Series) : each));
}

describe('the metrics of consumer groups', () => {
  it('have what PostgreSQL and the log say of each partition', () => {
    const names = ['lag_records', 'lag_seconds', 'parked_keys', 'parked_records', 'dead_records'];
    const values = [...names, 'dead_oldest_seconds'].map((name) =>
      seriesOf(scraped(), `millrace_consumer_${name}`),
    );
    expect(values).toEqual([4, 1.5, 1, 7, 2, 90.5].map((value) => [{ labels, value }]));
  });

  it('lack what is not known, instead of a number that is wrong', () => {
    const unknown = scraped({ lagSeconds: null });
    expect(seriesOf(unknown, 'millrace_consumer_lag_seconds')).toEqual([]);
    const none = scraped({ parked: { keys: 0, records: 0, dead: 0, oldestDeadSeconds: null } });
    expect(seriesOf(none, 'millrace_consumer_dead_oldest_seconds')).toEqual([]);
    const { report: _, ...silent } = scraped();
    expect(seriesOf(silent, 'millrace_consumer_lag_records')).toEqual([]);
    expect(seriesOf(silent, 'millrace_consumer_standing_still')).toEqual([{ labels, value: 0 }]);
  });

  it.each([
    ['running', 0, 0],
    ['waiting', 0, 0],
    ['held', 1, 0],
    ['halted', 1, 0],
    ['stalled', 1, 1],
  ] as const)('say whether a partition that is %s stands still: %d; stalled: %d', (state, still, stalled) => {
    const group = scraped({ state });
    expect(seriesOf(group, 'millrace_consumer_standing_still')).toEqual([{ labels, value: still }]);
    expect(seriesOf(group, 'millrace_consumer_stalled')).toEqual([{ labels, value: stalled }]);
  });

  it('have what was counted, and an error type where a handler threw', () => {
    const meter = new GroupMeter();
    const partition = meter.partition(at);
    partition.consumed(12, 12n);
    partition.processed(0.2, 'done');
    partition.retried();
    partition.parked();
    partition.dead();
    const counted = { ...labels, messaging_operation_name: 'process' };
    expect(seriesOf(scraped({}, meter), 'messaging_client_consumed_messages_total')).toEqual([
      { labels: counted, value: 12 },
    ]);
    for (const name of ['retries', 'parkings', 'dead_letters']) {
      expect(seriesOf(scraped({}, meter), `millrace_consumer_${name}_total`)).toEqual([{ labels, value: 1 }]);
    }
    const histograms = () => seriesOf(scraped({}, meter), 'messaging_process_duration_seconds');
    expect(histograms()).toEqual([{ labels: counted, histogram: partition.handled.done }]);
    partition.processed(0.1, 'failed');
    expect(histograms()).toContainEqual({
      labels: { ...counted, error_type: '_OTHER' },
      histogram: partition.handled.failed,
    });
  });

  it('have one series for each state of a breaker, and 1 for the state that it is in', () => {
    const meter = new GroupMeter();
    meter.breakerChanged('mail', 'open');
    meter.breakerChanged('mail', 'half-open');
    const values = { closed: 0, 'half-open': 1, open: 0 };
    expect(seriesOf(scraped({}, meter), 'millrace_breaker_state')).toEqual(
      Object.entries(values).map(([state, value]) => ({
        labels: { messaging_consumer_group_name: 'billing', dependency: 'mail', state },
        value,
      })),
    );
  });
});
