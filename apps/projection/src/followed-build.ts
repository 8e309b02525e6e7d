import type { BuildState, StoredBuild } from '@millrace/postgres';
import { groupOf, readerOf } from '@millrace/projecting';
import type { Projection, ProjectionBuild } from '@millrace/projecting';
import { checkReader, reportReader } from '@millrace/reading';
import type { ReaderReport, ReaderStatus, Servers } from '@millrace/reading';
import type { Folding } from './folding';
import type { PartitionCounts } from './metrics/build-meter';

/** A build that this process folds, in whatever thread. */
export class FollowedBuild {
  readonly build: ProjectionBuild;
  /** As the host last saw it. */
  state: BuildState;

  constructor(
    build: StoredBuild,
    private readonly by: {
      readonly projection: Projection;
      readonly servers: Servers;
      readonly folding: Folding;
    },
  ) {
    this.build = build;
    this.state = build.state;
  }

  get topics(): readonly string[] {
    return this.by.projection.topics;
  }

  /** What this process has folded into it. */
  get counts(): readonly PartitionCounts[] {
    return this.by.folding.countsOf(readerOf(this.build));
  }

  /** The partitions that this process holds. */
  get held(): ReaderStatus['partitions'] {
    return this.by.folding.statusOf(readerOf(this.build)).partitions;
  }

  /** How far it is in every partition. @throws KafkaUnavailableError, DatabaseUnavailableError */
  report(): Promise<ReaderReport> {
    const { servers, projection, folding } = this.by;
    const reader = readerOf(this.build);
    return reportReader(servers, { reader, topics: projection.topics, status: folding.statusOf(reader) });
  }

  /** For readiness. @throws an error that says why the build is not being kept up. */
  check(): Record<string, unknown> {
    return checkReader(groupOf(this.build), this.by.folding.statusOf(readerOf(this.build)));
  }
}
