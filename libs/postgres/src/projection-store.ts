import type { TopicPartition } from '@millrace/event';
import type { FoldedRows, Projection, State } from '@millrace/projecting';
import type { Pool } from 'pg';
import type { Transaction } from '@millrace/delivery';
import { ProjectionLayoutError } from './errors';
import { inTransaction } from './in-transaction';
import {
  columnName,
  createTableSql,
  createViewSql,
  primaryKey,
  tableName,
  upsertSql,
} from './read-model-sql';

/**
 * Makes a projection's table and view when they are not there. Safe to call from services that start together.
 * @throws ProjectionLayoutError when the live version, or its columns, are not the ones declared.
 */
export async function prepareProjection(pool: Pool, projection: Projection): Promise<void> {
  const layout = JSON.stringify({
    kind: projection.kind,
    key: projection.keyName,
    columns: projection.columns.map(({ name, type, merge }) => [name, type, merge ?? null]),
  });
  await inTransaction(pool, async (client) => {
    await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`projection/${projection.name}`]);
    await client.query(
      'INSERT INTO millrace.projection (name, live_version, layout) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
      [projection.name, projection.version, layout],
    );
    const { rows } = await client.query<{ live_version: number; same: boolean; layout: object }>(
      'SELECT live_version, layout, layout = $2::jsonb AS same FROM millrace.projection WHERE name = $1',
      [projection.name, layout],
    );
    const live = rows[0];
    if (live !== undefined && (live.live_version !== projection.version || !live.same)) {
      throw new ProjectionLayoutError(
        projection.name,
        `version ${live.live_version} with ${JSON.stringify(live.layout)}`,
        `version ${projection.version} with ${layout}`,
      );
    }
    await client.query(createTableSql(projection));
    await client.query(createViewSql(projection));
  });
}

/** Reads and writes the rows that one partition owns, within that partition's fenced transaction. */
export class ProjectionRows {
  private readonly selectSql: string;
  private readonly upsertSql: string;

  constructor(
    private readonly projection: Projection,
    private readonly at: TopicPartition,
  ) {
    const columns = [projection.keyName, ...projection.columns.map(({ name }) => name)];
    const selected = columns.map((name) => `${columnName(name)} AS "${name}"`).join(', ');
    const [key = '', ...owner] = primaryKey(projection);
    const owned = owner.map((name, index) => ` AND ${name} = $${index + 2}`).join('');
    this.selectSql = `SELECT ${selected} FROM ${tableName(projection)} WHERE ${key} = ANY($1)${owned}`;
    this.upsertSql = upsertSql(projection);
  }

  /** The present states of these keys; a key without a row is not in the map. */
  async load(tx: Transaction, keys: readonly string[]): Promise<Map<string, State>> {
    const distinct = [...new Set(keys)];
    const owner = this.projection.kind === 'aggregate' ? [this.at.topic, this.at.partition] : [];
    const { rows } = await tx.query(this.selectSql, [distinct, ...owner]);
    const { keyName } = this.projection;
    return new Map(rows.map(({ [keyName]: key, ...state }) => [String(key), state]));
  }

  /** Writes each key once. */
  async save(tx: Transaction, rows: FoldedRows): Promise<void> {
    if (rows.size === 0) return;
    const states = [...rows.values()];
    const owner =
      this.projection.kind === 'aggregate'
        ? [states.map(() => this.at.topic), states.map(() => this.at.partition)]
        : [];
    const columns = this.projection.columns.map(({ name }) => states.map((state) => state[name] ?? null));
    await tx.query(this.upsertSql, [[...rows.keys()], ...owner, ...columns]);
  }
}
