import type { OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@millrace/contracts';
import { IndexKeeper, prepareProjection, readBuilds, touchHostedVersions } from '@millrace/postgres';
import { groupOf, readerOf } from '@millrace/projecting';
import type { Projection } from '@millrace/projecting';
import type { Servers } from '@millrace/reading';
import { BuildReader } from './build-reader';
import { ProjectionNotFoundError } from './errors';
import type { HostedProjection } from './hosted-projection';

/** How often it looks for builds that were begun, swapped or released. */
const LOOK_MS = 500;
const TOUCH_MS = 10_000;

/**
 * The projections of this process. The database says which builds there are; one reader follows each build whose
 * version is hosted here, from the moment it is there until it is released.
 */
export class ProjectionHost implements OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private following: Promise<void> | undefined;
  private readonly indexes: IndexKeeper;

  constructor(
    readonly servers: Servers,
    readonly projections: readonly HostedProjection[],
    private readonly log: Logger,
  ) {
    this.indexes = new IndexKeeper(servers.database, log);
  }

  /** Waits for the servers, then starts every projection. @throws lasting errors, which end the process. */
  async start(): Promise<void> {
    const { signal } = this.stopping;
    await this.servers.prepare({
      migrations: [],
      signal,
      alsoMake: async () => {
        await this.prepareProjections();
        await this.look();
      },
    });
    if (signal.aborted) return;
    for (const projection of this.projections) projection.markStarted();
    this.following = this.follow();
  }

  /** @throws ProjectionNotFoundError naming those that are here, ProjectionStartingError before the first start. */
  find(name: string): HostedProjection {
    const found = this.projections.find((projection) => projection.name === name);
    if (found === undefined) {
      throw new ProjectionNotFoundError(
        name,
        this.projections.map((projection) => projection.name),
      );
    }
    found.assertStarted();
    return found;
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.following;
    await this.indexes.stop();
    const readers = this.projections.flatMap((projection) => [...projection.readers.values()]);
    await Promise.all(readers.map((reader) => reader.stop()));
    await this.servers.close();
  }

  private async prepareProjections(): Promise<void> {
    for (const projection of this.projections) {
      // Where there are no tables yet, the latest version makes them.
      const latestFirst = projection.versions.toSorted((a, b) => b.version - a.version);
      for (const each of latestFirst) await prepareProjection(this.servers.database, each);
    }
  }

  private async follow(): Promise<void> {
    const { signal } = this.stopping;
    let touchedAt = performance.now();
    for (;;) {
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await this.look();
        if (performance.now() - touchedAt < TOUCH_MS) continue;
        await touchHostedVersions(this.servers.database, this.versions);
        touchedAt = performance.now();
      } catch (error) {
        // The readers say so themselves; what is not seen now is seen when the database is back.
        this.log.debug({ error: String(error) }, 'the builds of the projections could not be read');
      }
    }
  }

  private get versions(): readonly Projection[] {
    return this.projections.flatMap(({ versions }) => versions);
  }

  /** Makes the readers those of the builds that are there now. */
  private async look(): Promise<void> {
    const builds = await readBuilds(
      this.servers.database,
      this.projections.map(({ name }) => name),
    );
    for (const projection of this.projections) {
      const own = builds.filter((build) => build.projection === projection.name);
      for (const build of own) {
        if (build.state === 'live') projection.markLive(build.version);
        const version = projection.versions.find((each) => each.version === build.version);
        // One that is being made gets them before it is proven, one that is compared needs none: they slow the writing down.
        const isRead = build.state === 'live' || build.state === 'previous';
        if (version !== undefined && isRead) this.indexes.keep({ build, shape: version });
        const reader = projection.readers.get(readerOf(build));
        if (reader !== undefined) reader.state = build.state;
        else if (version !== undefined && !this.stopping.signal.aborted) {
          const { servers, log } = this;
          const { state, sample } = build;
          const added = new BuildReader({ projection: version, build, state, sample, servers, log });
          projection.readers.set(readerOf(build), added);
          added.start();
          log.info({ build: readerOf(build), state: build.state }, 'following a build');
        }
      }
      for (const [name, reader] of projection.readers) {
        if (own.some((build) => readerOf(build) === name)) await reader.noteProblems();
        else await this.leave(projection, name, reader);
      }
    }
  }

  /** Its build was released: nobody reads it any more, and the last to leave takes its group away. */
  private async leave(projection: HostedProjection, name: string, reader: BuildReader): Promise<void> {
    projection.readers.delete(name);
    await reader.stop();
    const groupDeleted = await this.servers.cluster.deleteGroup(groupOf(reader.build));
    this.log.info({ build: name, groupDeleted }, 'a build was released');
  }
}
