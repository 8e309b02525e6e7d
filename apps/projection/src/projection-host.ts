import type { OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '@millrace/contracts';
import {
  IndexKeeper,
  ParkedColumns,
  prepareProjection,
  readBuilds,
  touchHostedVersions,
} from '@millrace/postgres';
import type { StoredBuild } from '@millrace/postgres';
import { readerOf } from '@millrace/projecting';
import type { Projection } from '@millrace/projecting';
import type { Servers } from '@millrace/reading';
import { BuildFollower } from './build-follower';
import { ProjectionNotFoundError } from './errors';
import { FollowedBuild } from './followed-build';
import type { Folding } from './folding';
import type { HostedProjection } from './hosted-projection';

/** How often it looks for builds that were begun, swapped or released. */
const LOOK_MS = 500;
const TOUCH_MS = 10_000;

export interface ProjectionHostOptions {
  readonly servers: Servers;
  readonly projections: readonly HostedProjection[];
  /** Default: this thread folds. */
  readonly folding?: Folding;
  readonly log: Logger;
}

/**
 * The projections of this process. The database says which builds there are; each build whose version is hosted here is
 * folded, from the moment it is there until it is released.
 */
export class ProjectionHost implements OnApplicationShutdown {
  private readonly stopping = new AbortController();
  private following: Promise<void> | undefined;
  readonly servers: Servers;
  readonly projections: readonly HostedProjection[];
  private readonly log: Logger;
  private readonly folding: Folding;
  private readonly indexes: IndexKeeper;
  private readonly parkedColumns: ParkedColumns;

  constructor({ servers, projections, folding, log }: ProjectionHostOptions) {
    this.servers = servers;
    this.projections = projections;
    this.log = log;
    this.folding = folding ?? new BuildFollower(servers, this.versions, log);
    this.indexes = new IndexKeeper(servers.database, log);
    this.parkedColumns = new ParkedColumns(servers.database, log);
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
    await this.parkedColumns.stop();
    await this.folding.stop();
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

  /** Makes what is folded the builds that are there now. */
  private async look(): Promise<void> {
    const builds = await readBuilds(
      this.servers.database,
      this.projections.map(({ name }) => name),
    );
    await this.folding.follow(this.projections.flatMap((projection) => this.lookAt(projection, builds)));
  }

  /** Gives the builds of a projection that are folded here. */
  private lookAt(hosted: HostedProjection, builds: readonly StoredBuild[]): StoredBuild[] {
    const { servers, folding } = this;
    const followed = builds.filter((build) => {
      if (build.projection !== hosted.name) return false;
      if (build.state === 'live') hosted.markLive(build.version);
      const projection = hosted.versions.find(({ version }) => version === build.version);
      if (projection === undefined) return false;
      if (build.state === 'live') this.parkedColumns.keep({ build, shape: projection });
      // One that is being made gets them before it is proven, one that is compared needs none: they slow the writing down.
      if (build.state === 'live' || build.state === 'previous')
        this.indexes.keep({ build, shape: projection });
      const known = hosted.builds.get(readerOf(build));
      if (known !== undefined) known.state = build.state;
      else hosted.builds.set(readerOf(build), new FollowedBuild(build, { projection, servers, folding }));
      return true;
    });
    const names = new Set(followed.map(readerOf));
    for (const name of hosted.builds.keys()) if (!names.has(name)) hosted.builds.delete(name);
    return followed;
  }
}
