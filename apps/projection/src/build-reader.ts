import type { Logger } from '@millrace/contracts';
import { PositionStore } from '@millrace/postgres';
import { groupOf, isInSample, readerOf } from '@millrace/projecting';
import type { KeySample, Projection, ProjectionBuild } from '@millrace/projecting';
import { LogReader } from '@millrace/reading';
import type { ReaderStatus, Servers } from '@millrace/reading';
import { buildPartition } from './build-partition';
import { BuildMeter } from './metrics/build-meter';
import type { PartitionCounts } from './metrics/build-meter';

export interface BuildReaderOptions {
  readonly projection: Projection;
  readonly build: ProjectionBuild;
  /** The keys that are folded, where it is not all of them. */
  readonly sample?: KeySample | undefined;
  readonly servers: Servers;
  readonly log: Logger;
}

/**
 * All that one fetch brings of a partition, and much of it: a key whose events come together in one commit is written once. Slow
 * commits are made smaller.
 */
const MAX_PARTITION_BYTES = 4_194_304;
const RECORDS_A_COMMIT = 20_000;

/**
 * Folds the log into the tables of one build, state and position in one transaction. A build that is being made and one
 * that is live are folded by the same code; a stop in the positions is what holds the former back. Instances share the
 * build's partitions.
 */
export class BuildReader {
  private readonly reader: LogReader;
  private readonly positions: PositionStore;
  private readonly meter = new BuildMeter();

  constructor(private readonly options: BuildReaderOptions) {
    const { build, servers, log } = options;
    const projection = sampled(options);
    this.positions = new PositionStore(servers.database, readerOf(build));
    this.reader = new LogReader(servers, {
      groupId: groupOf(build),
      reader: readerOf(build),
      topics: projection.topics,
      handlerFor: (at, parts) =>
        buildPartition(at, parts, {
          projection,
          build,
          codec: servers.codec,
          database: servers.database,
          log,
          meter: this.meter.partition(at),
        }),
      maxRecords: RECORDS_A_COMMIT,
      maxPartitionBytes: MAX_PARTITION_BYTES,
      // Nobody reads a build that has a stop, and the log has what a crash of PostgreSQL would take.
      commitsLateBelowStop: true,
      log,
    });
  }

  get build(): ProjectionBuild {
    return this.options.build;
  }

  start(): void {
    this.reader.start();
  }

  stop(): Promise<void> {
    return this.reader.stop();
  }

  get status(): ReaderStatus {
    return this.reader.status;
  }

  /** What was folded since this reader began. */
  get counts(): PartitionCounts[] {
    return this.meter.counts;
  }

  /** Writes down where this process stands still, so that whoever watches a rebuild elsewhere sees why. */
  async noteProblems(): Promise<void> {
    for (const { topic, partition, state, reason } of this.reader.status.partitions) {
      if (state !== 'held' && state !== 'halted') continue;
      await this.positions.noteProblem({ topic, partition }, { state, reason: reason ?? state });
    }
  }
}

function sampled({ projection, sample }: BuildReaderOptions): Projection {
  return sample === undefined ? projection : { ...projection, only: (key) => isInSample(sample, key) };
}
