import { Controller, Get, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import { ValueRefusedError } from '@millrace/postgres';
import type { ListRequest, ReadRows } from '@millrace/postgres';
import type { ProjectionShape } from '@millrace/projecting';
import type { FastifyReply } from 'fastify';
import { InvalidCursorError, NotYetProjectedError, RowNotFoundError } from './errors';
import { ProjectionHost } from './projection-host';
import { sendAnswer, showPositions } from './query/answer';
import { parseAtLeast } from './query/at-least';
import { formatCursor, parseCursor } from './query/cursor';
import type { ListQuery } from './query/cursor';
import { ownParameters, parseLimit, parseListQuery, refuseListParameters } from './query/list-parameters';
import type { QueryParameters } from './query/list-parameters';
import { presentRow } from './query/present-row';

export const AT_LEAST_TIMEOUT_MS = Symbol('AT_LEAST_TIMEOUT_MS');

/** What can be said here of a live build whose version other processes host. */
const NOT_HERE = { build: undefined, state: 'elsewhere', reason: undefined, partitions: [] } as const;

/**
 * The read models over HTTP. Every answer says up to which record of each partition it holds (`positions`);
 * `at-least` waits until those records are included, so that a client reads its own writes.
 */
@Controller('v1/projections')
export class ProjectionsController {
  constructor(
    @Inject(ProjectionHost) private readonly host: ProjectionHost,
    @Inject(AT_LEAST_TIMEOUT_MS) private readonly atLeastTimeoutMs: number,
  ) {}

  /** The projections hosted here and how far they are; 64-bit numbers are text. */
  @Get()
  async list(): Promise<unknown> {
    const reports = this.host.projections.map(async (hosted) => {
      const builds = await hosted.report();
      const { name, version, kind, keyName, columns, topics, indexes, queryable } = hosted.projection;
      const { build, state, reason, partitions } = builds.find(({ role }) => role === 'live') ?? NOT_HERE;
      return {
        name,
        version,
        ...(build === undefined ? {} : { build }),
        kind,
        key: keyName,
        columns: columns.map((column) => column.name),
        indexes,
        queryable,
        topics,
        state,
        ...(reason === undefined ? {} : { reason }),
        partitions,
        builds,
      };
    });
    return { projections: await Promise.all(reports) };
  }

  /**
   * One page of the rows that fit the filters, in the order of `sort`; `next` is the cursor of the page behind it, absent on
   * the last one. `parked` names those whose rows lack events that cannot be folded.
   */
  @Get(':name')
  async rows(
    @Param('name') name: string,
    @Query() parameters: QueryParameters,
    @Headers('if-none-match') known: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const hosted = this.host.find(name);
    const { limit, cursor, ...waiting } = ownParameters(parameters);
    const atLeast = parseAtLeast(waiting, this.atLeastTimeoutMs);
    const size = parseLimit(limit);
    let asked: ListQuery | undefined;
    const request = (shape: ProjectionShape): ListRequest => {
      asked = parseListQuery(shape, parameters);
      const after = cursor === undefined ? {} : { after: parseCursor(cursor, shape, asked) };
      return { ...asked, ...after, limit: size };
    };
    const found = await this.answered(reply, () =>
      hosted.queryAtLeast(atLeast, (query) => query.list(request)),
    ).catch((error: unknown) => {
      if (cursor !== undefined && error instanceof ValueRefusedError)
        throw new InvalidCursorError(name, error);
      throw error;
    });
    const version = hosted.versionOf(found);
    const { rows, next, positions, parked } = found;
    const content = {
      rows: rows.map((row) => presentRow(version, row)),
      ...(parked.size === 0 ? {} : { parked: Object.fromEntries(parked) }),
      ...(next === undefined || asked === undefined ? {} : { next: formatCursor(version, asked, next) }),
    };
    sendAnswer(reply, { content, positions, known });
  }

  /** One row, with `parked` where it lacks events; 404 with the positions read when there is none. */
  @Get(':name/:key')
  async row(
    @Param() { name, key }: { readonly name: string; readonly key: string },
    @Query() parameters: QueryParameters,
    @Headers('if-none-match') known: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const hosted = this.host.find(name);
    refuseListParameters(parameters);
    const atLeast = parseAtLeast(ownParameters(parameters), this.atLeastTimeoutMs);
    const found = await this.answered(reply, () => hosted.queryAtLeast(atLeast, (query) => query.byKey(key)));
    const { rows, positions } = found;
    const [row] = rows;
    const parked = found.parked.get(key);
    if (row === undefined) {
      showPositions(reply, positions);
      throw new RowNotFoundError(name, positions, parked);
    }
    const content = {
      row: presentRow(hosted.versionOf(found), row),
      ...(parked === undefined ? {} : { parked }),
    };
    sendAnswer(reply, { content, positions, known });
  }

  private async answered(reply: FastifyReply, ask: () => Promise<ReadRows>): Promise<ReadRows> {
    try {
      return await ask();
    } catch (error) {
      if (error instanceof NotYetProjectedError) showPositions(reply, error.positions);
      throw error;
    }
  }
}
