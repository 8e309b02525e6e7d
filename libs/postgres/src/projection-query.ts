import { formatPosition } from '@millrace/event';
import type { Position } from '@millrace/event';
import type { ProjectionBuild, ProjectionShape } from '@millrace/projecting';
import { DatabaseError } from 'pg';
import type { Pool } from 'pg';
import { classifyDatabaseFailure } from './database-failure';
import { DatabaseUnavailableError, LiveVersionError, UnknownColumnError } from './errors';
import { columnName, selectedColumns, viewName } from './read-model-sql';

export type Row = Readonly<Record<string, unknown>>;

/** Rows together with the last record that they include from each partition, read in one snapshot. */
export interface ReadRows {
  readonly rows: readonly Row[];
  /** `topic/partition/offset` of the last record included; a partition of which nothing is included is absent. */
  readonly positions: readonly string[];
  /** The build that they were read from. */
  readonly build: ProjectionBuild;
}

export interface ListOptions {
  /** At most so many rows. */
  readonly limit: number;
  /** A declared column or the key, with `-` before it for descending. Default: the key. */
  readonly sort?: string;
  /** Only rows whose key follows this one; for reading on, in the key's order. */
  readonly after?: string;
}

interface Joined extends Record<string, unknown> {
  millrace_version: number;
  millrace_build: number;
  millrace_positions: Record<string, string> | null;
  /** `null` when there is no row, only positions. */
  millrace_ordinal: bigint | null;
}

/** A column that is not there: the view shows another version by now. */
const UNDEFINED_COLUMN = '42703';

/**
 * Reads a projection's live build, when that is of this version. Every answer carries its position, taken in the same
 * statement: also in the moment of a swap, rows and positions are of one build.
 * Every call throws DatabaseUnavailableError while PostgreSQL cannot be reached, and LiveVersionError when another version
 * is live.
 */
export class ProjectionQuery {
  private readonly selected: string;
  private readonly columns: readonly string[];

  constructor(
    private readonly pool: Pool,
    readonly projection: ProjectionShape,
  ) {
    this.columns = [projection.keyName, ...projection.columns.map(({ name }) => name)];
    this.selected = selectedColumns(projection);
  }

  /** The row of a key; `rows` is empty when there is none. */
  async byKey(key: string): Promise<ReadRows> {
    return this.read({ where: `WHERE ${columnName(this.projection.keyName)} = $2`, order: '1', limit: '' }, [
      key,
    ]);
  }

  /** @throws UnknownColumnError when `sort` names none of the projection's columns. */
  async list(options: ListOptions): Promise<ReadRows> {
    const { sort = this.projection.keyName } = options;
    const sortColumn = sort.replace(/^-/, '');
    if (!this.columns.includes(sortColumn)) {
      throw new UnknownColumnError(this.projection.name, sortColumn, this.columns);
    }
    const key = columnName(this.projection.keyName);
    const direction = sort.startsWith('-') ? 'DESC NULLS LAST' : 'ASC NULLS LAST';
    const where = options.after === undefined ? '' : `WHERE ${key} > $3`;
    const values = options.after === undefined ? [options.limit] : [options.limit, options.after];
    return this.read(
      { where, order: `${columnName(sortColumn)} ${direction}, ${key}`, limit: 'LIMIT $2' },
      values,
    );
  }

  /** Whether the model includes these records. */
  async includes(positions: readonly Position[]): Promise<boolean> {
    const rows = await this.query<{ behind: bigint }>(
      `SELECT count(*) AS behind
         FROM unnest($2::text[], $3::int[], $4::bigint[]) AS wanted(topic, partition, record_offset)
         LEFT JOIN millrace.position AS p
           ON p.topic = wanted.topic AND p.partition = wanted.partition AND p.reader = (
              SELECT reader FROM millrace.projection_build WHERE projection = $1 AND state = 'live')
        WHERE p.next_offset IS NULL OR p.next_offset <= wanted.record_offset`,
      [
        this.projection.name,
        positions.map(({ topic }) => topic),
        positions.map(({ partition }) => partition),
        positions.map(({ offset }) => offset),
      ],
    );
    return rows[0]?.behind === 0n;
  }

  private async query<Result extends object>(text: string, values: unknown[]): Promise<Result[]> {
    try {
      return (await this.pool.query<Result>(text, values)).rows;
    } catch (error) {
      if (error instanceof DatabaseError && error.code === UNDEFINED_COLUMN) throw this.anotherVersion();
      if (classifyDatabaseFailure(error) !== 'unavailable') throw error;
      throw new DatabaseUnavailableError(`projection ${this.projection.name}`, error);
    }
  }

  /** One statement sees one snapshot: the positions are those of exactly these rows. */
  private async read(
    clauses: { readonly where: string; readonly order: string; readonly limit: string },
    values: readonly unknown[],
  ): Promise<ReadRows> {
    const { where, order, limit } = clauses;
    const rows = await this.query<Joined>(
      `SELECT rows.*, live.version AS millrace_version, live.build AS millrace_build,
              (SELECT jsonb_object_agg(topic || '/' || partition, next_offset::text)
                 FROM millrace.position WHERE reader = live.reader) AS millrace_positions
         FROM (SELECT version, build, reader FROM millrace.projection_build
                WHERE projection = $1 AND state = 'live') AS live
         LEFT JOIN (SELECT ${this.selected}, row_number() OVER (ORDER BY ${order}) AS millrace_ordinal
                      FROM ${viewName(this.projection.name)} ${where} ORDER BY ${order} ${limit}) AS rows ON true
        ORDER BY rows.millrace_ordinal`,
      [this.projection.name, ...values],
    );
    const first = rows[0];
    if (first === undefined || first.millrace_version !== this.projection.version)
      throw this.anotherVersion();
    return {
      rows: rows.flatMap((row) => (row.millrace_ordinal === null ? [] : [this.declared(row)])),
      positions: lastIncluded(first.millrace_positions ?? {}),
      build: {
        projection: this.projection.name,
        version: first.millrace_version,
        build: first.millrace_build,
      },
    };
  }

  private declared(row: Row): Row {
    return Object.fromEntries(this.columns.map((name) => [name, row[name]]));
  }

  private anotherVersion(): LiveVersionError {
    return new LiveVersionError(this.projection.name, this.projection.version);
  }
}

function lastIncluded(nextOffsets: Readonly<Record<string, string>>): string[] {
  return Object.entries(nextOffsets).flatMap(([at, next]) => {
    const [topic = '', partition] = at.split('/');
    const offset = BigInt(next) - 1n;
    return offset < 0n ? [] : [formatPosition({ topic, partition: Number(partition), offset })];
  });
}
