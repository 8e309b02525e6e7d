import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { formatPosition } from '@millrace/event';
import { ParkedRecords } from '@millrace/postgres';
import type { ParkedEntry } from '@millrace/postgres';
import { GroupServer } from './group-server';
import { parseDecision, parseParkedQuery } from './parked-request';

/** What became of records that a group could not handle, and what people decide of them. Any instance answers for all. */
@Controller('v1/groups/:group/parked')
export class ParkedController {
  constructor(@Inject(GroupServer) private readonly server: GroupServer) {}

  /** By topic, partition and offset. `next` is the position to give as `after`, absent on the last page. No payloads. */
  @Get()
  async list(@Param('group') group: string, @Query() query: Record<string, unknown>): Promise<unknown> {
    const { filter, page } = parseParkedQuery(query);
    // One more than asked for tells whether another page follows.
    const found = await this.recordsOf(group).list(filter, { ...page, limit: page.limit + 1 });
    const records = found.slice(0, page.limit);
    const last = records.at(-1);
    return {
      records: records.map(present),
      ...(found.length > page.limit && last !== undefined ? { next: formatPosition(last) } : {}),
    };
  }

  /** Has records run again, in the order of their keys, in this group alone: nothing is written to the topic. */
  @Post('redrive')
  @HttpCode(200)
  async redrive(@Param('group') group: string, @Body() body: unknown): Promise<unknown> {
    return { redriven: await this.recordsOf(group).redrive(parseDecision(body)) };
  }

  /** Gives records up for good; later records of their keys go on. */
  @Post('discard')
  @HttpCode(200)
  async discard(@Param('group') group: string, @Body() body: unknown): Promise<unknown> {
    return { discarded: await this.recordsOf(group).discard(parseDecision(body)) };
  }

  private recordsOf(group: string): ParkedRecords {
    const { reader } = this.server.find(group);
    return new ParkedRecords(this.server.options.servers.database, reader);
  }
}

function present({ parkedAt, nextAttemptAt, failure, offset, ...entry }: ParkedEntry): unknown {
  return {
    ...entry,
    offset: String(offset),
    position: formatPosition({ ...entry, offset }),
    parkedAt: parkedAt.toISOString(),
    ...(failure === undefined ? {} : { failure: { ...failure, failedAt: failure.failedAt.toISOString() } }),
    ...(nextAttemptAt === undefined ? {} : { nextAttemptAt: nextAttemptAt.toISOString() }),
  };
}
