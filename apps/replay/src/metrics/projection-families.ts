import type { PoisonCounts, ReplayRun } from '@millrace/postgres';
import { buildLabels, buildPartitionLabels } from '@millrace/reading';
import type { PartitionLag } from '@millrace/reading';
import type { MetricFamily, Series } from '@millrace/service';
import type { BuildStanding, Standing } from '../build-watch';

/** What a scrape finds out. */
export interface ScrapedProjections {
  readonly standing: Standing;
  /** The last of each projection that has ended. */
  readonly verifications: readonly ReplayRun[];
  readonly swaps: readonly ReplayRun[];
}

const STATES = ['building', 'verifying', 'live', 'previous'] as const;

/** The metrics of projections and their builds. docs/guides/operating.md says what each means. */
export function projectionFamilies(scraped: ScrapedProjections): MetricFamily[] {
  const { standing, verifications, swaps } = scraped;
  return [
    ...partitionFamilies(standing.builds),
    ...buildFamilies(standing.builds),
    ofRuns(
      'swap_pause_seconds',
      'How long folding was held at the last swap of a rebuild.',
      swaps,
      ({ swap }) => (swap === undefined ? null : swap.pauseMs / 1_000),
    ),
    ofRuns('swap_timestamp_seconds', 'When that was.', swaps, ({ swap }) =>
      swap === undefined ? null : Date.parse(swap.at) / 1_000,
    ),
    ofRuns(
      'verification_differing_keys',
      'Keys whose live rows were not what the log says, at the last verification.',
      verifications,
      ({ proof }) => numberOf(proof?.differing.keys),
    ),
    ofRuns('verification_equal', '1 when nothing differed; 0 otherwise.', verifications, ({ proof }) =>
      proof === undefined ? null : Number(proof.equal),
    ),
    ofRuns('verification_rows', 'Live rows that it compared.', verifications, ({ proof }) =>
      numberOf(proof?.live.rows),
    ),
    ofRuns('verification_timestamp_seconds', 'When it ended.', verifications, ({ finishedAt }) =>
      finishedAt === undefined ? null : finishedAt.getTime() / 1_000,
    ),
  ];
}

function partitionFamilies(builds: readonly BuildStanding[]): MetricFamily[] {
  const partitions = builds.flatMap(({ build, partitions: own }) =>
    own.map((at) => ({ labels: buildPartitionLabels(build, at), at })),
  );
  const gauge = (name: string, help: string, value: (at: PartitionLag) => number | null): MetricFamily => ({
    name: `millrace_projection_${name}`,
    help,
    type: 'gauge',
    series: partitions.flatMap(({ labels, at }) => seriesOf(labels, value(at))),
  });
  return [
    gauge('lag_records', 'Records of the log that are not folded.', ({ lag }) => numberOf(lag)),
    gauge('lag_seconds', 'How long the oldest of them has waited, at most.', ({ lagSeconds }) => lagSeconds),
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
    gauge('standing_still', '1 when the partition is held or halted; 0 when it goes on.', ({ problem }) =>
      Number(problem !== undefined),
    ),
  ];
}

function buildFamilies(builds: readonly BuildStanding[]): MetricFamily[] {
  const gauge = (name: string, help: string, series: readonly Series[]): MetricFamily => ({
    name: `millrace_projection_${name}`,
    help,
    type: 'gauge',
    series,
  });
  return [
    gauge(
      'build_state',
      '1 for the state that a build is in.',
      builds.flatMap(({ build }) =>
        STATES.map((state) => ({
          labels: { ...buildLabels(build), state },
          value: Number(state === build.state),
        })),
      ),
    ),
    gauge(
      'table_bytes',
      'Size of the table of a build, with its indexes.',
      builds.flatMap(({ build, size }) => seriesOf(buildLabels(build), numberOf(size?.bytes))),
    ),
    gauge(
      'table_rows',
      'Rows of that table, as PostgreSQL last estimated.',
      builds.flatMap(({ build, size }) => seriesOf(buildLabels(build), size?.rowsEstimated ?? null)),
    ),
  ];
}

function ofRuns(
  name: string,
  help: string,
  runs: readonly ReplayRun[],
  value: (run: ReplayRun) => number | null,
): MetricFamily {
  const series = runs.flatMap((run) => seriesOf({ projection: run.build.projection }, value(run)));
  return { name: `millrace_projection_${name}`, help, type: 'gauge', series };
}

/** 0 in partitions where nothing is parked. */
function parkedOf(builds: readonly BuildStanding[], value: (counts: PoisonCounts) => number): Series[] {
  return builds.flatMap(({ build, partitions, parked }) =>
    partitions.map((at) => {
      const found = parked.find(({ topic, partition }) => topic === at.topic && partition === at.partition);
      return {
        labels: buildPartitionLabels(build, at),
        value: found === undefined ? 0 : value(found),
      };
    }),
  );
}

/** What is not known has no series, instead of a number that is wrong. */
function seriesOf(labels: Series['labels'], value: number | null): Series[] {
  return value === null ? [] : [{ labels, value }];
}

function numberOf(value: string | bigint | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
