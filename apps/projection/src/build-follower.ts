import type { Logger } from '@millrace/contracts';
import type { StoredBuild } from '@millrace/postgres';
import { groupOf, readerOf } from '@millrace/projecting';
import type { Projection } from '@millrace/projecting';
import type { ReaderStatus, Servers } from '@millrace/reading';
import { BuildReader } from './build-reader';
import { notStarted } from './folding';
import type { Folding } from './folding';
import type { PartitionCounts } from './metrics/build-meter';

/** Folds builds in this thread: one reader follows each build, from the moment it is there until it is released. */
export class BuildFollower implements Folding {
  private readonly readers = new Map<string, BuildReader>();
  private isStopping = false;

  constructor(
    private readonly servers: Servers,
    /** The versions that can be folded here. */
    private readonly versions: readonly Projection[],
    private readonly log: Logger,
  ) {}

  async follow(builds: readonly StoredBuild[]): Promise<void> {
    for (const build of builds) this.join(build);
    for (const [name, reader] of this.readers) {
      if (builds.some((build) => readerOf(build) === name)) await reader.noteProblems();
      else await this.leave(name, reader);
    }
  }

  statusOf(reader: string): ReaderStatus {
    return this.readers.get(reader)?.status ?? notStarted;
  }

  /** Of all readers, by their names. */
  get statuses(): ReadonlyMap<string, ReaderStatus> {
    return new Map([...this.readers].map(([name, { status }]) => [name, status]));
  }

  countsOf(reader: string): readonly PartitionCounts[] {
    return this.readers.get(reader)?.counts ?? [];
  }

  /** Of all readers, by their names. */
  get counts(): ReadonlyMap<string, readonly PartitionCounts[]> {
    return new Map([...this.readers].map(([name, { counts }]) => [name, counts]));
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all([...this.readers.values()].map((reader) => reader.stop()));
  }

  private join(build: StoredBuild): void {
    const { servers, versions, log } = this;
    const name = readerOf(build);
    const projection = versions.find(
      (each) => each.name === build.projection && each.version === build.version,
    );
    if (projection === undefined || this.readers.has(name) || this.isStopping) return;
    const reader = new BuildReader({ projection, build, sample: build.sample, servers, log });
    this.readers.set(name, reader);
    reader.start();
    log.info({ build: name, state: build.state }, 'following a build');
  }

  /** Its build was released: nobody reads it any more, and the last to leave takes its group away. */
  private async leave(name: string, reader: BuildReader): Promise<void> {
    this.readers.delete(name);
    await reader.stop();
    const groupDeleted = await this.servers.cluster.deleteGroup(groupOf(reader.build));
    this.log.info({ build: name, groupDeleted }, 'a build was released');
  }
}
