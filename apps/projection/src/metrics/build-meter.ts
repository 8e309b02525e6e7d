import type { PartitionObserver } from '@millrace/delivery';
import { formatTopicPartition } from '@millrace/event';
import type { TopicPartition } from '@millrace/event';
import { Histogram } from '@millrace/service';
import type { HistogramCounts } from '@millrace/service';

/** In seconds. A chunk takes about half a second when there is much to fold, and some milliseconds when there is not. */
const BOUNDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** What was counted in one partition of a build. Plain: it is told from thread to thread. */
export interface PartitionCounts extends TopicPartition {
  /** Records that the position passed. */
  readonly records: number;
  /** Rows that were written or deleted, once for each key and commit. */
  readonly rows: number;
  readonly commits: HistogramCounts;
}

/** Counts what is folded into one partition of a build, as long as this thread follows the build. */
export class PartitionMeter implements PartitionObserver {
  private records = 0;
  private rows = 0;
  private readonly commits = new Histogram(BOUNDS);
  private pending = { rows: 0, startedAt: 0 };

  constructor(
    private readonly at: TopicPartition,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  consumed(count: number): void {
    this.records += count;
  }

  // Nobody asks for the rest of what a partition has to tell.
  received(): void {}
  processed(): void {}
  retried(): void {}
  parked(): void {}
  dead(): void {}

  /** A transaction has begun; what it writes counts when it commits. */
  began(): void {
    this.pending = { rows: 0, startedAt: this.nowMs() };
  }

  wrote(rows: number): void {
    this.pending.rows += rows;
  }

  committed(): void {
    this.rows += this.pending.rows;
    this.commits.observe((this.nowMs() - this.pending.startedAt) / 1_000);
  }

  get counts(): PartitionCounts {
    const { at, records, rows, commits } = this;
    return { ...at, records, rows, commits: commits.counted };
  }
}

/** The meters of one build. */
export class BuildMeter {
  private readonly meters = new Map<string, PartitionMeter>();

  /** The same one for every assignment of the partition. */
  partition({ topic, partition }: TopicPartition): PartitionMeter {
    const name = formatTopicPartition({ topic, partition });
    const meter = this.meters.get(name) ?? new PartitionMeter({ topic, partition });
    this.meters.set(name, meter);
    return meter;
  }

  get counts(): PartitionCounts[] {
    return [...this.meters.values()].map(({ counts }) => counts);
  }
}

/** What was counted in one partition by several threads, together: it may have gone from one to another. */
export function addCounts(counts: readonly PartitionCounts[]): (Omit<PartitionCounts, 'commits'> & {
  readonly commits: Histogram;
})[] {
  return [...Map.groupBy(counts, formatTopicPartition).values()].map((same) => {
    const commits = new Histogram(BOUNDS);
    for (const each of same) commits.add(each.commits);
    const { topic, partition } = same[0] as PartitionCounts;
    const sum = (of: 'records' | 'rows') => same.reduce((total, each) => total + each[of], 0);
    return { topic, partition, records: sum('records'), rows: sum('rows'), commits };
  });
}
