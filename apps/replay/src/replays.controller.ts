import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { ReplayRun } from '@millrace/postgres';
import { InvalidRequestError, parseRequest } from '@millrace/service';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { presentPlan } from './present';
import { Replays } from './replays';

const projection = z.string().min(1).max(60);
const request = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('rebuild'),
    projection,
    version: z.int().min(1).optional(),
    hold: z.boolean().optional(),
    dryRun: z.boolean().optional(),
  }),
  z.strictObject({
    kind: z.literal('verify'),
    projection,
    sample: z
      .union([z.strictObject({ share: z.number().gt(0).lte(1) }), z.strictObject({ keys: z.int().min(1) })])
      .optional(),
  }),
]);

const REQUEST =
  '{"kind":"rebuild","projection":"<name>","version":<number, optional>,"hold":<boolean, optional>,"dryRun":<boolean, ' +
  'optional>} or {"kind":"verify","projection":"<name>","sample":<{"share":<above 0, 1 at most>} or {"keys":<number>}, ' +
  'optional>}';

/** Replays over HTTP: plan, begin, watch and steer them. */
@Controller('v1/replays')
export class ReplaysController {
  constructor(@Inject(Replays) private readonly replays: Replays) {}

  /**
   * Begins a rebuild or a verification, 201 with the run; a rebuild with `dryRun` 200 with the plan, which says also why it
   * would be refused.
   */
  @Post()
  async begin(@Body() body: unknown, @Res({ passthrough: true }) reply: FastifyReply): Promise<unknown> {
    const asked = parseRequest(request, body, REQUEST);
    if (asked.kind === 'rebuild' && asked.dryRun === true) {
      void reply.status(200);
      return presentPlan(await this.replays.plan(asked.projection, asked.version));
    }
    const run =
      asked.kind === 'rebuild'
        ? await this.replays.rebuild(asked.projection, asked.version, asked.hold)
        : await this.replays.verify(asked.projection, asked.sample);
    void reply.header('location', `/v1/replays/${run.id}`);
    return this.present(run);
  }

  /** The latest 50 runs, newest first. */
  @Get()
  async list(@Query('projection') projection?: string, @Query('active') active?: string): Promise<unknown> {
    if (active !== undefined && active !== 'true' && active !== 'false') {
      throw new InvalidRequestError('active=true or active=false');
    }
    const runs = await this.replays.runs.list({
      ...(projection === undefined ? {} : { projection }),
      ...(active === undefined ? {} : { active: active === 'true' }),
    });
    return { replays: await Promise.all(runs.map((run) => this.present(run))) };
  }

  @Get(':id')
  async show(@Param('id') id: string): Promise<unknown> {
    return this.present(await this.replays.runs.get(parseId(id)));
  }

  /** Stops reading; nothing is proven or swapped meanwhile. */
  @Post(':id/pause')
  @HttpCode(200)
  async pause(@Param('id') id: string): Promise<unknown> {
    return this.present(await this.replays.runs.pause(parseId(id)));
  }

  @Post(':id/resume')
  @HttpCode(200)
  async resume(@Param('id') id: string): Promise<unknown> {
    return this.present(await this.replays.runs.resume(parseId(id)));
  }

  /** Gives the run up and drops its tables, also those that a refused run keeps for inspection. */
  @Post(':id/cancel')
  @HttpCode(200)
  async cancel(@Param('id') id: string): Promise<unknown> {
    return this.present(await this.replays.runs.cancel(parseId(id)));
  }

  /** Lets a rebuild that waits go live: a held one, or one of another version that gives other rows. */
  @Post(':id/approve')
  @HttpCode(200)
  async approve(@Param('id') id: string): Promise<unknown> {
    return this.present(await this.replays.runs.approve(parseId(id)));
  }

  private async present(run: ReplayRun): Promise<unknown> {
    return this.replays.present(run);
  }
}

function parseId(text: string): number {
  const id = Number(text);
  if (!Number.isInteger(id) || id < 1 || id > 2_147_483_647)
    throw new InvalidRequestError("a replay's number");
  return id;
}
