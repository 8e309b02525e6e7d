import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { formatPosition } from '@millrace/event';
import { PoisonEvents } from '@millrace/postgres';
import type { PoisonEvent } from '@millrace/postgres';
import { parsePage, parseRetry, parseSkip } from './poison-request';
import { Replays } from './replays';

/**
 * The events that a projection cannot fold, and what people decide of them. The processes that host the projection go on within
 * a second; nothing is asked of them, so it can be decided while they are away.
 */
@Controller('v1/projections/:name/parked')
export class PoisonController {
  constructor(@Inject(Replays) private readonly replays: Replays) {}

  /** Of all builds that are kept. `next` is to be given as `after`, absent on the last page. No payloads. */
  @Get()
  async list(@Param('name') name: string, @Query() parameters: Record<string, unknown>): Promise<unknown> {
    const page = parsePage(parameters);
    const poison = await this.poisonOf(name);
    // One more than asked for tells whether another page follows.
    const found = await poison.list(name, { ...page, limit: page.limit + 1 });
    const parked = found.slice(0, page.limit);
    const last = found.length > page.limit ? parked.at(-1) : undefined;
    return {
      parked: parked.map(present),
      ...(last === undefined ? {} : { next: `${last.build}/${formatPosition(last)}` }),
    };
  }

  /** Has them folded again, in the order of their keys, by every build. 409 when nothing named is parked. */
  @Post('retry')
  @HttpCode(200)
  async retry(@Param('name') name: string, @Body() body: unknown): Promise<unknown> {
    const filter = parseRetry(body);
    return (await this.poisonOf(name)).retry(name, filter);
  }

  /** Goes on without one event, for good, in each version that cannot fold it. 409 when no build stands before it. */
  @Post('skip')
  @HttpCode(200)
  async skip(@Param('name') name: string, @Body() body: unknown): Promise<unknown> {
    const { position, reason } = parseSkip(body);
    const versions = await (await this.poisonOf(name)).skip(name, position, reason);
    const place = formatPosition(position);
    this.replays.options.log.warn(
      { projection: name, position: place, versions, reason },
      'an event is skipped',
    );
    return { skipped: place, versions };
  }

  private async poisonOf(name: string): Promise<PoisonEvents> {
    await this.replays.assertKnown(name);
    return new PoisonEvents(this.replays.servers.database);
  }
}

function present({ topic, partition, offset, since, isTried, ...event }: PoisonEvent): unknown {
  return {
    ...event,
    position: formatPosition({ topic, partition, offset }),
    since: since.toISOString(),
    retrying: isTried,
  };
}
