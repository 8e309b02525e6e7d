import { readerOf } from '@millrace/projecting';
import type { ProjectionBuild, ProjectionShape } from '@millrace/projecting';
import { escapeLiteral } from 'pg';
import type { Pool } from 'pg';
import { parkedSql } from '../parking/parked-sql';
import { columnName, rowsOf, selectedColumns } from '../read-model-sql';
import type { ListRequest, OrderValues } from './list-request';
import { BRANCH, listStatement, orderValueName, PARKED } from './list-statement';
import { liveFacts } from './live-facts';
import type { LiveFacts } from './live-facts';
import { runQuery } from './run-query';

export type Row = Readonly<Record<string, unknown>>;

/** A key whose row lacks events: one of them cannot be folded, and the later ones wait behind it. */
export interface ParkedKey {
  /** ISO 8601. */
  readonly since: string;
  /** The words of the error. */
  readonly reason: string;
  /** `topic/partition/offset` of the event. */
  readonly position: string;
  /** That wait, itself included. */
  readonly events: number;
}

/** What one statement read from a build, whether that is live or not. */
export interface BuildRows {
  readonly rows: readonly Row[];
  /** `topic/partition/offset` of the last record of each partition that the live build includes. */
  readonly positions: readonly string[];
  /** By key, of the rows or of the key that was asked for: those that are parked. */
  readonly parked: ReadonlyMap<string, ParkedKey>;
  /** Of the last row of a page, when more rows follow. */
  readonly next: OrderValues | undefined;
  /** What was live in the moment of the statement. */
  readonly live: { readonly version: number; readonly build: number } | undefined;
}

/**
 * Reads the table of one build. Each call is one statement, which also says what is live and how far that is: when it is this
 * build, rows and positions are those of one moment. No view is read, so that a swap, which locks it, keeps no reader waiting.
 */
export class BuildQuery {
  private readonly names: readonly string[];
  private readonly byKeyStatement: { readonly name: string; readonly text: string };

  constructor(
    private readonly pool: Pool,
    readonly shape: ProjectionShape,
    readonly build: ProjectionBuild,
  ) {
    this.names = [shape.keyName, ...shape.columns.map(({ name }) => name)];
    const parked =
      shape.kind === 'entity' ? parkedSql(escapeLiteral(readerOf(build)), '$2::text') : 'NULL::jsonb';
    // Planned once for each connection; the table of a build never changes.
    this.byKeyStatement = {
      name: `row of ${build.projection}.${build.build}`,
      text:
        `SELECT facts.*, found.*, ${parked} AS "${PARKED}" FROM (${liveFacts('$1::text')}) AS facts ` +
        `LEFT JOIN (SELECT ${selectedColumns(shape)} FROM ${rowsOf(shape, build)} ` +
        `WHERE r.${columnName(shape.keyName)} = $2::text) AS found ON true`,
    };
  }

  /** The row of a key; `rows` is empty when there is none. */
  async byKey(key: string): Promise<BuildRows> {
    const { shape } = this;
    const read = await runQuery<LiveFacts & Row>(this.pool, {
      what: shape.name,
      statement: { ...this.byKeyStatement, values: [shape.name, key] },
    });
    const [row] = read;
    // A key is never null: where it is, there was no row to join.
    const rows = row === undefined || row[shape.keyName] === null ? [] : [this.declared(row)];
    return { ...factsOf(row), rows, parked: parkedIn(read, () => key), next: undefined };
  }

  /** One page of rows, in the order that was asked for. */
  async list(request: ListRequest): Promise<BuildRows> {
    const { shape } = this;
    // One more than asked for tells whether another page follows.
    const statement = listStatement(shape, this.build, { ...request, limit: request.limit + 1 });
    const read = await runQuery<LiveFacts & Row>(this.pool, { what: shape.name, statement });
    const rows = read.filter(({ [BRANCH]: branch }) => branch !== 0);
    const page = rows.slice(0, request.limit);
    const columns = request.order?.columns ?? [shape.keyName];
    const last = rows.length > page.length ? page.at(-1) : undefined;
    return {
      ...factsOf(read.find(({ [BRANCH]: branch }) => branch === 0)),
      rows: page.map((row) => this.declared(row)),
      parked: parkedIn(page, (row) => String(row[shape.keyName])),
      next: last && columns.map((_, index) => last[orderValueName(index)] as string | null),
    };
  }

  private declared(row: Row): Row {
    const declared: Record<string, unknown> = {};
    for (const name of this.names) declared[name] = row[name];
    return declared;
  }
}

function parkedIn(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, ParkedKey> {
  const parked = new Map<string, ParkedKey>();
  for (const row of rows) {
    const found = row[PARKED] as ParkedKey | null;
    if (found !== null) parked.set(keyOf(row), found);
  }
  return parked;
}

function factsOf(facts: LiveFacts | undefined): Pick<BuildRows, 'live' | 'positions'> {
  const {
    millrace_version: version = null,
    millrace_build: build = null,
    millrace_positions: text,
  } = facts ?? {};
  return {
    live: version === null || build === null ? undefined : { version, build },
    positions: positionsIn(text),
  };
}

/** `topic/partition/offset` with commas in between; nothing when no partition has any. */
export function positionsIn(text: string | null | undefined): string[] {
  return text === null || text === undefined ? [] : text.split(',');
}
