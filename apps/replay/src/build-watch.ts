import { setTimeout as sleep } from 'node:timers/promises';
import {
  PoisonEvents,
  readAllPositions,
  readBuilds,
  readHostedVersions,
  readTableSizes,
} from '@millrace/postgres';
import type { HostedVersion, PoisonCounts, StoredBuild, TableSize } from '@millrace/postgres';
import { readerOf } from '@millrace/projecting';
import { LagWatch } from '@millrace/reading';
import type { PartitionLag, Servers } from '@millrace/reading';
import { ProgressMeter } from '@millrace/replaying';

/** How one build is doing. */
export interface BuildStanding {
  readonly build: StoredBuild;
  readonly partitions: readonly PartitionLag[];
  /** Of partitions that have keys whose events cannot be folded, or that stand still for one. */
  readonly parked: readonly PoisonCounts[];
  /** Over the last ten seconds, of all processes that fold it; `null` before two looks were taken. */
  readonly recordsPerSecond: number | null;
  /** `undefined` when its table is gone. */
  readonly size: TableSize | undefined;
}

/** Every projection that some process hosts or has hosted, and its builds. */
export interface Standing {
  readonly versions: readonly HostedVersion[];
  readonly builds: readonly BuildStanding[];
}

const LOOK_MS = 2_000;

/**
 * Looks at all builds every two seconds, so that there is a pace, and that lag in seconds is known to be no more than what
 * has passed since a build was last seen at the end of the log.
 */
export class BuildWatch {
  private readonly lags: LagWatch;
  private readonly meters = new Map<string, ProgressMeter>();
  private readonly stopping = new AbortController();
  private looking: Promise<void> | undefined;

  constructor(private readonly servers: Pick<Servers, 'database' | 'cluster'>) {
    this.lags = new LagWatch({
      positionsOf: (readers) => readAllPositions(servers.database, readers),
      boundsOf: (topic) => servers.cluster.logBounds(topic),
    });
  }

  start(): void {
    this.looking = this.lookOn();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.looking;
  }

  /** How all of them are now. @throws DatabaseUnavailableError */
  async look(): Promise<Standing> {
    const { database } = this.servers;
    const versions = await readHostedVersions(database);
    const names = [...new Set(versions.map(({ shape }) => shape.name))];
    const builds = await readBuilds(database, names);
    const [lags, sizes, parked] = await Promise.all([
      this.lags.look(builds.map((build) => ({ reader: readerOf(build), topics: topicsOf(build, versions) }))),
      readTableSizes(database, builds),
      new PoisonEvents(database).counts(builds.map(readerOf)),
    ]);
    for (const reader of this.meters.keys()) if (!lags.has(reader)) this.meters.delete(reader);
    return {
      versions,
      builds: builds.map((build) => {
        const reader = readerOf(build);
        const partitions = lags.get(reader) ?? [];
        return {
          build,
          partitions,
          parked: parked.filter((each) => each.reader === reader),
          recordsPerSecond: this.pace(reader, partitions),
          size: sizes.get(reader),
        };
      }),
    };
  }

  private pace(reader: string, partitions: readonly PartitionLag[]): number | null {
    const meter = this.meters.get(reader) ?? new ProgressMeter();
    this.meters.set(reader, meter);
    const done = partitions.reduce((sum, { nextOffset }) => sum + nextOffset, 0n);
    meter.sample(done, performance.now());
    return meter.estimate(0n, performance.now()).eventsPerSecond;
  }

  private async lookOn(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      // Whoever asks is told what is wrong; without looks there is no pace, and nothing else.
      await this.look().catch(() => undefined);
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

function topicsOf(
  { projection, version }: StoredBuild,
  versions: readonly HostedVersion[],
): readonly string[] {
  const found = versions.find(({ shape }) => shape.name === projection && shape.version === version);
  return found?.shape.topics ?? [];
}
