import { setTimeout as sleep } from 'node:timers/promises';
import { formatTopicPartition } from '@millrace/event';
import type { KafkaCluster } from '@millrace/kafka';
import { readPositions, ReplayRuns } from '@millrace/postgres';
import type { Database, ReplayRun, VectorEntry } from '@millrace/postgres';
import { readerOf } from '@millrace/projecting';
import { ProgressMeter } from '@millrace/replaying';
import { logEnds } from './log-ends';

/** One partition of a run; offsets are text. */
export interface PartitionProgress {
  readonly topic: string;
  readonly partition: number;
  readonly from: string;
  /** The first offset that is not folded yet. */
  readonly position: string;
  /** Where the live build stands: it goes there before it is compared. */
  readonly target: string;
  readonly logEnd: string | null;
  /** `waiting`: it may not go further now, because it is where the live build is, or because the run is paused. */
  readonly state: 'unassigned' | 'running' | 'waiting' | 'held' | 'halted' | 'done' | 'cancelled';
  readonly reason?: string;
}

export interface RunProgress {
  /** Events are counted by offsets: a gap in the log counts as read. */
  readonly done: string;
  readonly total: string;
  readonly eventsPerSecond: number | null;
  readonly secondsLeft: number | null;
  readonly partitions: readonly PartitionProgress[];
}

const SAMPLE_MS = 1_000;

/** How far runs are. The rate is measured by each instance for itself, from the positions that are written. */
export class RunProgresses {
  private readonly meters = new Map<number, ProgressMeter>();
  private readonly stopping = new AbortController();
  private sampling: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly cluster: KafkaCluster,
  ) {}

  start(): void {
    this.sampling = this.sampleOn();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.sampling;
  }

  async of(run: ReplayRun): Promise<RunProgress> {
    const isOver = run.state === 'done' || run.state === 'cancelled';
    const [rebuilt, live] = isOver ? [[], []] : await this.positionsOf(run);
    const ends = isOver ? new Map<string, bigint>() : await this.logEndsOf(run);
    const partitions = run.plan.partitions.map(({ topic, partition, from, to }): PartitionProgress => {
      const at = formatTopicPartition({ topic, partition });
      const isThis = (each: VectorEntry) => each.topic === topic && each.partition === partition;
      const own = rebuilt.find(isThis);
      const position = own?.nextOffset ?? BigInt(run.state === 'cancelled' ? from : to);
      // After the comparison it may be ahead of the live build.
      const target = maximum(position, live.find(isThis)?.nextOffset ?? BigInt(to));
      return {
        topic,
        partition,
        from,
        position: String(position),
        target: String(target),
        logEnd: ends.get(at)?.toString() ?? null,
        state:
          run.state === 'done' || run.state === 'cancelled'
            ? run.state
            : stateOf(own, run.paused || position === target),
        ...(own?.problem === undefined ? {} : { reason: own.problem.reason }),
      };
    });
    const done = sum(partitions, ({ position, from }) => BigInt(position) - BigInt(from));
    const total = sum(partitions, ({ target, from }) => BigInt(target) - BigInt(from));
    // A meter outlives its state until the next sample: what is proven or done has no pace any more.
    const meter = run.state === 'building' ? this.meters.get(run.id) : undefined;
    const estimate = meter?.estimate(total - done, performance.now());
    return {
      done: String(done),
      total: String(total),
      eventsPerSecond: estimate?.eventsPerSecond ?? null,
      secondsLeft: estimate?.secondsLeft ?? null,
      partitions,
    };
  }

  private async positionsOf(run: ReplayRun): Promise<[VectorEntry[], VectorEntry[]]> {
    return Promise.all([
      readPositions(this.database, readerOf(run.build)),
      readPositions(this.database, readerOf(run.replaces)),
    ]);
  }

  /** Without Kafka the ends are not known, and the rest is. */
  private async logEndsOf(run: ReplayRun): Promise<Map<string, bigint>> {
    const topics = run.plan.partitions.map(({ topic }) => topic);
    return logEnds(topics, (topic) => this.cluster.logBounds(topic).catch(() => []));
  }

  private async sampleOn(): Promise<void> {
    const { signal } = this.stopping;
    const runs = new ReplayRuns(this.database);
    for (;;) {
      // What fails is asked again: without samples there is no rate to show, and nothing else.
      await this.sample(runs).catch(() => undefined);
      await sleep(SAMPLE_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    }
  }

  private async sample(runs: ReplayRuns): Promise<void> {
    const active = (await runs.list({ active: true })).filter(({ state }) => state === 'building');
    for (const id of this.meters.keys()) {
      if (!active.some((run) => run.id === id)) this.meters.delete(id);
    }
    for (const run of active) {
      const meter = this.meters.get(run.id) ?? new ProgressMeter();
      this.meters.set(run.id, meter);
      if (run.paused) meter.restart();
      else {
        const positions = await readPositions(this.database, readerOf(run.build));
        meter.sample(
          sum(positions, ({ nextOffset }) => nextOffset),
          performance.now(),
        );
      }
    }
  }
}

function stateOf(own: VectorEntry | undefined, mayNotGoOn: boolean): PartitionProgress['state'] {
  if (own?.problem !== undefined) return own.problem.state;
  if (mayNotGoOn) return 'waiting';
  return own === undefined || own.epoch === 0n ? 'unassigned' : 'running';
}

function sum<Item>(items: readonly Item[], valueOf: (item: Item) => bigint): bigint {
  return items.reduce((total, item) => total + valueOf(item), 0n);
}

function maximum(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
