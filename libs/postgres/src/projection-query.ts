import { formatPosition } from '@millrace/event';
import type { Position } from '@millrace/event';
import { readerOf } from '@millrace/projecting';
import type { Projection } from '@millrace/projecting';
import type { Pool } from 'pg';
import { classifyDatabaseFailure } from './database-failure';
import { DatabaseUnavailableError, UnknownColumnError } from './errors';
import { columnName, viewName } from './read-model-sql';

export type Row = Readonly<Record<string, unknown>>;

/** Rows together with the last record that they include from each partition, read in one snapshot. */
export interface ReadRows {
  readonly rows: readonly Row[];
  /** `topic/partition/offset` of the last record included; a partition of which nothing is included is absent. */
  readonly positions: readonly string[];
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
  millrace_positions: Record<string, string> | null;
  /** `null` when there is no row, only positions. */
  millrace_ordinal: bigint | null;
}

/**
 * Reads one projection's live version. Every answer carries its position, taken in the same statement.
 * Every call throws DatabaseUnavailableError while PostgreSQL cannot be reached.
 */
export class ProjectionQuery {
  private readonly selected: string;
  private readonly columns: readonly string[];

  constructor(
    private readonly pool: Pool,
    private readonly projection: Projection,
  ) {
    this.columns = [projection.keyName, ...projection.columns.map(({ name }) => name)];
    this.selected = this.columns.map((name) => `${columnName(name)} AS "${name}"`).join(', ');
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
           ON p.reader = $1 AND p.topic = wanted.topic AND p.partition = wanted.partition
        WHERE p.next_offset IS NULL OR p.next_offset <= wanted.record_offset`,
      [
        readerOf(this.projection),
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
      `SELECT rows.*, p.positions AS millrace_positions
         FROM (SELECT jsonb_object_agg(topic || '/' || partition, next_offset::text) AS positions
                 FROM millrace.position WHERE reader = $1) AS p
         LEFT JOIN (SELECT ${this.selected}, row_number() OVER (ORDER BY ${order}) AS millrace_ordinal
                      FROM ${viewName(this.projection)} ${where} ORDER BY ${order} ${limit}) AS rows ON true
        ORDER BY rows.millrace_ordinal`,
      [readerOf(this.projection), ...values],
    );
    return {
      rows: rows.flatMap(({ millrace_positions: _positions, millrace_ordinal: ordinal, ...row }) =>
        ordinal === null ? [] : [row],
      ),
      positions: lastIncluded(rows[0]?.millrace_positions ?? {}),
    };
  }
}

function lastIncluded(nextOffsets: Readonly<Record<string, string>>): string[] {
  return Object.entries(nextOffsets).flatMap(([at, next]) => {
    const [topic = '', partition] = at.split('/');
    const offset = BigInt(next) - 1n;
    return offset < 0n ? [] : [formatPosition({ topic, partition: Number(partition), offset })];
  });
}
