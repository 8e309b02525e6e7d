import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { parseAtLeast, waitUntilProjected } from './at-least';
import { InvalidQueryError, RowNotFoundError } from './errors';
import { presentRow } from './present-row';
import { ProjectionHost } from './projection-host';
import type { HostedProjection } from './hosted-projection';

export const AT_LEAST_TIMEOUT_MS = Symbol('AT_LEAST_TIMEOUT_MS');

const MAX_LIMIT = 1_000;
const DEFAULT_LIMIT = 50;
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
      const { name, version, kind, keyName, columns, topics } = hosted.projection;
      const { build, state, reason, partitions } = builds.find(({ role }) => role === 'live') ?? NOT_HERE;
      return {
        name,
        version,
        ...(build === undefined ? {} : { build }),
        kind,
        key: keyName,
        columns: columns.map((column) => column.name),
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
   * Rows in the order of `sort` (a column, `-` before it for descending; default: the key), at most `limit`.
   * `after` reads on behind a key, in the order of keys; `next` is the key to give it, absent on the last page.
   */
  @Get(':name')
  async rows(
    @Param('name') name: string,
    @Query('limit') limit?: string,
    @Query('sort') sort?: string,
    @Query('after') after?: string,
    @Query('at-least') atLeast?: string,
  ): Promise<unknown> {
    const hosted = this.host.find(name);
    const { projection } = hosted;
    if (after !== undefined && sort !== undefined && sort !== projection.keyName) {
      throw new InvalidQueryError('after', `no sort, or sort=${projection.keyName}, beside it`);
    }
    const size = parseLimit(limit);
    await this.wait(hosted, atLeast);
    const options = {
      // One more than asked for tells whether another page follows.
      limit: size + 1,
      ...(sort === undefined ? {} : { sort }),
      ...(after === undefined ? {} : { after }),
    };
    const found = await hosted.query((query) => query.list(options));
    const rows = found.rows.slice(0, size);
    const hasNext = found.rows.length > size && (sort === undefined || sort === projection.keyName);
    return {
      rows: rows.map((row) => presentRow(hosted.projection, row)),
      positions: found.positions,
      ...(hasNext ? { next: rows.at(-1)?.[projection.keyName] } : {}),
    };
  }

  /** One row; 404 with the positions read when there is none. */
  @Get(':name/:key')
  async row(
    @Param('name') name: string,
    @Param('key') key: string,
    @Query('at-least') atLeast?: string,
  ): Promise<unknown> {
    const hosted = this.host.find(name);
    await this.wait(hosted, atLeast);
    const { rows, positions } = await hosted.query((query) => query.byKey(key));
    const row = rows[0];
    if (row === undefined) throw new RowNotFoundError(name, positions);
    return { row: presentRow(hosted.projection, row), positions };
  }

  private async wait(hosted: HostedProjection, atLeast: string | undefined): Promise<void> {
    if (atLeast === undefined) return;
    const positions = parseAtLeast(atLeast, hosted.projection.topics);
    await waitUntilProjected(hosted, positions, this.atLeastTimeoutMs);
  }
}

function parseLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT;
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new InvalidQueryError('limit', `a whole number from 1 to ${MAX_LIMIT}`);
  }
  return limit;
}
