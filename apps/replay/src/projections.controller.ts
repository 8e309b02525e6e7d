import { Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { formatTopicPartition } from '@millrace/event';
import { buildTable, readBuilds, readHostedVersions, readPositions } from '@millrace/postgres';
import type { StoredBuild } from '@millrace/postgres';
import { readerOf } from '@millrace/projecting';
import { logEnds } from './log-ends';
import { presentBuild } from './present';
import { Replays } from './replays';

/** The builds of projections, and the way back after a swap. */
@Controller('v1/projections')
export class ProjectionsController {
  constructor(@Inject(Replays) private readonly replays: Replays) {}

  @Get()
  async list(): Promise<unknown> {
    this.replays.assertStarted();
    const { database, cluster } = this.replays.servers;
    const versions = await readHostedVersions(database);
    const names = [...new Set(versions.map(({ shape }) => shape.name))];
    const builds = await readBuilds(database, names);
    const projections = names.map(async (name) => {
      const own = builds.filter(({ projection }) => projection === name);
      const live = own.find(({ state }) => state === 'live');
      const topics = versions.filter(({ shape }) => shape.name === name).flatMap(({ shape }) => shape.topics);
      const ends = await logEnds(topics, (topic) => cluster.logBounds(topic));
      return {
        name,
        liveVersion: live?.version ?? null,
        liveBuild: live?.build ?? null,
        builds: await Promise.all(own.map((build) => this.describe(build, ends))),
      };
    });
    return { projections: await Promise.all(projections) };
  }

  /** What differs between the live build and the rebuilt one that waits, as of the positions that it names. */
  @Get(':name/diff')
  async diff(@Param('name') projection: string): Promise<unknown> {
    return this.replays.present(await this.replays.compared(projection));
  }

  /** Lets the rebuilt one go live: the run as it is then, which ends soon. */
  @Post(':name/swap')
  @HttpCode(200)
  async swap(@Param('name') projection: string): Promise<unknown> {
    return this.replays.present(await this.replays.swap(projection));
  }

  /** Shows readers the build of before again; the other one is kept in its place and folds on. */
  @Post(':name/rollback')
  @HttpCode(200)
  async rollback(@Param('name') projection: string): Promise<unknown> {
    const { live, previous, swap } = await this.replays.rollback(projection);
    return { projection, live: presentBuild(live), previous: presentBuild(previous), swap };
  }

  /** Drops the build of before; from then on there is no way back. */
  @Post(':name/release')
  @HttpCode(200)
  async release(@Param('name') projection: string): Promise<unknown> {
    return { projection, released: presentBuild(await this.replays.release(projection)) };
  }

  private async describe(build: StoredBuild, ends: ReadonlyMap<string, bigint>): Promise<unknown> {
    const positions = await readPositions(this.replays.servers.database, readerOf(build));
    const nextOf = new Map(positions.map((entry) => [formatTopicPartition(entry), entry.nextOffset]));
    const lag = [...ends].reduce((sum, [at, end]) => sum + end - (nextOf.get(at) ?? 0n), 0n);
    return {
      ...presentBuild(build),
      state: build.state,
      table: buildTable(build),
      createdAt: build.createdAt.toISOString(),
      lag: String(lag),
    };
  }
}
