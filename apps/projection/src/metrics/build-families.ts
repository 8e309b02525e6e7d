import type { PoisonCounts } from '@millrace/postgres';
import type { ProjectionBuild } from '@millrace/projecting';
import { buildPartitionLabels, isStandingStill } from '@millrace/reading';
import type { PartitionLag, ReaderStatus } from '@millrace/reading';
import type { Labels, MetricFamily, Series } from '@millrace/service';
import { addCounts } from './build-meter';
import type { PartitionCounts } from './build-meter';

/** One build that this process folds, as a scrape finds it. */
export interface ScrapedBuild {
  readonly build: ProjectionBuild;
  /** What its threads have counted. */
  readonly counts: readonly PartitionCounts[];
  /** What this process does with the partitions that it holds. */
  readonly held: ReaderStatus['partitions'];
  /** Of all processes; absent when PostgreSQL did not answer in time. */
  readonly lags?: readonly PartitionLag[];
  /** Of partitions where something is parked; absent when PostgreSQL did not answer in time. */
  readonly parked?: readonly PoisonCounts[];
}

/** The operation that OpenTelemetry's metrics of messaging name. */
const PROCESS = { messaging_operation_name: 'process' };

/** The metrics of the builds that a process folds, by partition. docs/guides/operating.md says what each means. */
export function buildFamilies(builds: readonly ScrapedBuild[]): MetricFamily[] {
  const counted = builds.flatMap(({ build, counts }) =>
    addCounts(counts).map((each) => ({ labels: buildPartitionLabels(build, each), each })),
  );
  const lags = builds.flatMap(({ build, lags: own = [] }) =>
    own.map((each) => ({ labels: buildPartitionLabels(build, each), each })),
  );
  const known = (labels: Labels, value: bigint | number | null): Series[] =>
    value === null ? [] : [{ labels, value: Number(value) }];
  return [
    {
      name: 'messaging_client_consumed_messages_total',
      help: 'Records that are folded, those that were passed over with them.',
      type: 'counter',
      series: counted.map(({ labels, each }) => ({ labels: { ...labels, ...PROCESS }, value: each.records })),
    },
    {
      name: 'millrace_projection_rows_written_total',
      help: 'Rows that were written or deleted, once for each key and commit.',
      type: 'counter',
      series: counted.map(({ labels, each }) => ({ labels, value: each.rows })),
    },
    {
      name: 'millrace_projection_commit_duration_seconds',
      help: 'Time of a commit: loading, folding and writing the rows of a chunk, and moving the position.',
      type: 'histogram',
      series: counted.map(({ labels, each }) => ({ labels, histogram: each.commits })),
    },
    {
      name: 'millrace_projection_lag_records',
      help: 'Records of the log that are not folded.',
      type: 'gauge',
      series: lags.flatMap(({ labels, each }) => known(labels, each.lag)),
    },
    {
      name: 'millrace_projection_lag_seconds',
      help: 'How long the oldest of them has waited, at most.',
      type: 'gauge',
      series: lags.flatMap(({ labels, each }) => known(labels, each.lagSeconds)),
    },
    {
      name: 'millrace_projection_parked_keys',
      help: 'Keys that are parked, because an event of theirs cannot be folded.',
      type: 'gauge',
      series: parkedOf(builds, ({ keys }) => keys),
    },
    {
      name: 'millrace_projection_parked_events',
      help: 'Events that wait in their queues.',
      type: 'gauge',
      series: parkedOf(builds, ({ events }) => events),
    },
    {
      name: 'millrace_projection_standing_still',
      help: '1 when the partition is held, halted or stalled; 0 when it goes on.',
      type: 'gauge',
      series: builds.flatMap(({ build, held }) =>
        held.map((at) => ({
          labels: buildPartitionLabels(build, at),
          value: Number(isStandingStill(at.state)),
        })),
      ),
    },
  ];
}

/** 0 in partitions where nothing is parked. */
function parkedOf(builds: readonly ScrapedBuild[], value: (counts: PoisonCounts) => number): Series[] {
  return builds.flatMap(({ build, parked, lags = [] }) => {
    if (parked === undefined) return [];
    return lags.map((at) => {
      const found = parked.find(({ topic, partition }) => topic === at.topic && partition === at.partition);
      return { labels: buildPartitionLabels(build, at), value: found === undefined ? 0 : value(found) };
    });
  });
}
