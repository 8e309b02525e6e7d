import type { TopicPartition } from '@millrace/event';
import type { FoldedRows, Projection, ProjectionBuild, ProjectionColumn, State } from '@millrace/projecting';
import type { Transaction } from '@millrace/delivery';
import { JsonTooLargeError } from './errors';
import { primaryKey, selectedColumns, tableName, upsertSql } from './read-model-sql';

/** A row is loaded and written whole for each chunk that changes it. */
const MAX_JSON_BYTES = 65_536;

/** Reads and writes the rows of one build that one partition owns, within that partition's fenced transaction. */
export class ProjectionRows {
  private readonly selectSql: string;
  private readonly upsertSql: string;
  private readonly deleteSql: string;

  constructor(
    private readonly projection: Projection,
    build: ProjectionBuild,
    private readonly at: TopicPartition,
  ) {
    const [key = '', ...owner] = primaryKey(projection);
    const owned = owner.map((name, index) => ` AND ${name} = $${index + 2}`).join('');
    this.selectSql = `SELECT ${selectedColumns(projection)} FROM ${tableName(build)} WHERE ${key} = ANY($1)${owned}`;
    this.upsertSql = upsertSql(projection, build);
    this.deleteSql = `DELETE FROM ${tableName(build)} WHERE ${key} = ANY($1)${owned}`;
  }

  /** The present states of these keys; a key without a row is not in the map. */
  async load(tx: Transaction, keys: readonly string[]): Promise<Map<string, State>> {
    const distinct = [...new Set(keys)];
    const { rows } = await tx.query(this.selectSql, [distinct, ...this.owner]);
    const { keyName } = this.projection;
    return new Map(rows.map(({ [keyName]: key, ...state }) => [String(key), state]));
  }

  /** Writes each key once, and deletes the rows that are gone. @throws JsonTooLargeError */
  async save(tx: Transaction, rows: FoldedRows): Promise<void> {
    const gone: string[] = [];
    const keys: string[] = [];
    const states: State[] = [];
    for (const [key, state] of rows) {
      if (state === null) gone.push(key);
      else {
        keys.push(key);
        states.push(state);
      }
    }
    if (gone.length > 0) await tx.query(this.deleteSql, [gone, ...this.owner]);
    if (keys.length === 0) return;
    const owner = this.owner.map((value) => states.map(() => value));
    const columns = this.projection.columns.map((column) =>
      states.map((state) => this.stored(column, state[column.name] ?? null)),
    );
    await tx.query(this.upsertSql, [keys, ...owner, ...columns]);
  }

  /** Of an aggregate's partial rows, those of this partition alone are its own. */
  private get owner(): readonly (string | number)[] {
    return this.projection.kind === 'aggregate' ? [this.at.topic, this.at.partition] : [];
  }

  private stored({ name, type }: ProjectionColumn, value: unknown): unknown {
    if (type !== 'json' || value === null) return value;
    const text = JSON.stringify(value);
    const sizeBytes = Buffer.byteLength(text);
    if (sizeBytes > MAX_JSON_BYTES) {
      throw new JsonTooLargeError(this.projection.name, {
        column: name,
        sizeBytes,
        maxBytes: MAX_JSON_BYTES,
      });
    }
    return text;
  }
}
