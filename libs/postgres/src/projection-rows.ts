import type { TopicPartition } from '@millrace/event';
import type { FoldedRows, Projection, ProjectionBuild, State } from '@millrace/projecting';
import type { Transaction } from '@millrace/delivery';
import { columnName, primaryKey, tableName, upsertSql } from './read-model-sql';

/** Reads and writes the rows of one build that one partition owns, within that partition's fenced transaction. */
export class ProjectionRows {
  private readonly selectSql: string;
  private readonly upsertSql: string;

  constructor(
    private readonly projection: Projection,
    build: ProjectionBuild,
    private readonly at: TopicPartition,
  ) {
    const columns = [projection.keyName, ...projection.columns.map(({ name }) => name)];
    const selected = columns.map((name) => `${columnName(name)} AS "${name}"`).join(', ');
    const [key = '', ...owner] = primaryKey(projection);
    const owned = owner.map((name, index) => ` AND ${name} = $${index + 2}`).join('');
    this.selectSql = `SELECT ${selected} FROM ${tableName(build)} WHERE ${key} = ANY($1)${owned}`;
    this.upsertSql = upsertSql(projection, build);
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
