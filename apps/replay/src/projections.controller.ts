import { Controller, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { presentBuild } from './present';
import { Replays } from './replays';

/** Projections and their builds: how they are doing, what a rebuild waits with, and the way back after a swap. */
@Controller('v1/projections')
export class ProjectionsController {
  constructor(@Inject(Replays) private readonly replays: Replays) {}

  @Get()
  async list(): Promise<unknown> {
    this.replays.assertStarted();
    return { projections: await this.replays.reports.list() };
  }

  /** One projection with its definition. */
  @Get(':name')
  async show(@Param('name') projection: string): Promise<unknown> {
    this.replays.assertStarted();
    return this.replays.reports.show(projection);
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
}
