import type { BuildState, StoredBuild } from '@millrace/postgres';
import { groupOf, readerOf } from '@millrace/projecting';
import type { Projection, ProjectionBuild } from '@millrace/projecting';
import { checkReader, reportReader } from '@millrace/reading';
import type { ReaderReport, Servers } from '@millrace/reading';
import type { Folding } from './folding';

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
