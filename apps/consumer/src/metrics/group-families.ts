import type { TopicPartition } from '@millrace/event';
import { isStandingStill } from '@millrace/reading';
import type { ReaderState } from '@millrace/reading';
import type { Labels, MetricFamily, Series } from '@millrace/service';
import type { GroupPartition, GroupReport } from '../group-reports';
import type { GroupMeter } from './group-meter';
import type { PartitionMeter } from './partition-meter';

/** One group as a scrape finds it. */
export interface ScrapedGroup {
  readonly name: string;
  readonly meter: GroupMeter;
  /** What this process does with the partitions that it holds. */
  readonly held: readonly (TopicPartition & { readonly state: ReaderState })[];
  /** Absent when Kafka or PostgreSQL did not answer in time. */
  readonly report?: GroupReport;
}

const BREAKER_STATES = ['closed', 'half-open', 'open'] as const;
/** The operation that OpenTelemetry's metrics of messaging name. */
const PROCESS = { messaging_operation_name: 'process' };

/** The metrics of consumer groups, by group and partition. docs/guides/operating.md says what each means. */
export function groupFamilies(groups: readonly ScrapedGroup[]): MetricFamily[] {
  return [...countedFamilies(groups), ...reportedFamilies(groups), ...stateFamilies(groups)];
}

/** What this process has counted itself. */
function countedFamilies(groups: readonly ScrapedGroup[]): MetricFamily[] {
  const meters = groups.flatMap(({ name, meter }) =>
    meter.partitions.map((each) => ({ labels: labelsOf(name, each.at), meter: each.meter })),
  );
  const counted = (value: (meter: PartitionMeter) => number, more: Labels = {}): Series[] =>
    meters.map(({ labels, meter }) => ({ labels: { ...labels, ...more }, value: value(meter) }));
  return [
    {
      name: 'messaging_client_consumed_messages_total',
      help: 'Records that are done, those that were passed over with them.',
      type: 'counter',
      series: counted((meter) => meter.consumedRecords, PROCESS),
    },
    {
      name: 'messaging_process_duration_seconds',
      help: 'Time of a call of a handler; error_type is there when it threw.',
      type: 'histogram',
      series: meters.flatMap(({ labels, meter: { handled } }) => [
        { labels: { ...labels, ...PROCESS }, histogram: handled.done },
        ...(handled.failed.count === 0
          ? []
          : [{ labels: { ...labels, ...PROCESS, error_type: '_OTHER' }, histogram: handled.failed }]),
      ]),
    },
    {
      name: 'millrace_consumer_retries_total',
      help: 'Tries of a record that failed and will be tried again.',
      type: 'counter',
      series: counted((meter) => meter.retries),
    },
    {
      name: 'millrace_consumer_parkings_total',
      help: 'Records that were parked because they failed.',
      type: 'counter',
      series: counted((meter) => meter.parkings),
    },
    {
      name: 'millrace_consumer_dead_letters_total',
      help: 'Records that became dead letters.',
      type: 'counter',
      series: counted((meter) => meter.deadLetters),
    },
  ];
}

/** What PostgreSQL and the log say, whoever reads the partition. */
function reportedFamilies(groups: readonly ScrapedGroup[]): MetricFamily[] {
  const partitions = groups.flatMap(({ name, report }) =>
    (report?.partitions ?? []).map((at) => ({ labels: labelsOf(name, at), at })),
  );
  const gauge = (name: string, help: string, value: (at: GroupPartition) => number | null): MetricFamily => ({
    name: `millrace_consumer_${name}`,
    help,
    type: 'gauge',
    series: partitions.flatMap(({ labels, at }) => {
      const known = value(at);
      return known === null ? [] : [{ labels, value: known }];
    }),
  });
  return [
    gauge('lag_records', 'Records of the log that are not done.', ({ lag }) => Number(lag)),
    gauge('lag_seconds', 'Age of the first record that is not done.', ({ lagSeconds }) => lagSeconds),
    gauge('parked_keys', 'Keys whose records wait in queues.', ({ parked }) => parked.keys),
    gauge('parked_records', 'Records in these queues.', ({ parked }) => parked.records),
    gauge('dead_records', 'Dead letters that are kept.', ({ parked }) => parked.dead),
    gauge(
      'dead_oldest_seconds',
      'How long ago the oldest of them failed.',
      ({ parked }) => parked.oldestDeadSeconds,
    ),
  ];
}

/** What this process does now. */
function stateFamilies(groups: readonly ScrapedGroup[]): MetricFamily[] {
  const whether = (is: (state: ReaderState) => boolean): Series[] =>
    groups.flatMap(({ name, held }) =>
      held.map((at) => ({ labels: labelsOf(name, at), value: Number(is(at.state)) })),
    );
  return [
    {
      name: 'millrace_consumer_standing_still',
      help: '1 when this process holds the partition, and it is held, halted or stalled; 0 when it goes on.',
      type: 'gauge',
      series: whether(isStandingStill),
    },
    {
      name: 'millrace_consumer_stalled',
      help: '1 when this process holds the partition, and does nothing there although the log goes on, without a reason.',
      type: 'gauge',
      series: whether((state) => state === 'stalled'),
    },
    {
      name: 'millrace_breaker_state',
      help: '1 for the state that the breaker of a dependency is in, in this process.',
      type: 'gauge',
      series: groups.flatMap(({ name, meter }) =>
        [...meter.breakers].flatMap(([dependency, now]) =>
          BREAKER_STATES.map((state) => ({
            labels: { messaging_consumer_group_name: name, dependency, state },
            value: Number(state === now),
          })),
        ),
      ),
    },
  ];
}

function labelsOf(group: string, { topic, partition }: TopicPartition): Labels {
  return {
    messaging_system: 'kafka',
    messaging_consumer_group_name: group,
    messaging_destination_name: topic,
    messaging_destination_partition_id: String(partition),
  };
}
