import type { TopicPartition } from '@millrace/event';
import type { FoldedRows, Projection, ProjectionBuild, State } from '@millrace/projecting';
import type { Transaction } from '@millrace/delivery';
import type { ClientBase } from 'pg';
import { copyRows } from './copy-rows';
import { isKeptAsItIs } from './kept-as-it-is';
import { KeysSeen } from './keys-seen';
import { KnownRows } from './known-rows';
import { copySql, primaryKey, selectedColumns, tableName, upsertSql } from './read-model-sql';
import { copyEncoders, storedValues } from './stored-values';

/** Rows of one partition that are kept in memory, at most. */
const KNOWN_BYTES = 4_194_304;
/** Of keys that have rows, at most: some millions of them. */
const SEEN_BYTES = 8_388_608;
/** Fewer new rows go with the changed ones, in one statement. */
const LEAST_COPIED = 100;

/**
 * Reads and writes the rows of one build that one partition owns, within that partition's fenced transactions. It remembers
 * what it has written: that holds for as long as nobody else writes these rows, so it is made anew whenever the partition is
 * taken. Not safe for two transactions at once.
 */
export class ProjectionRows {
  private readonly selectSql: string;
  private readonly upsertSql: string;
  private readonly deleteSql: string;
  private readonly copySql: string;
  private readonly known = new KnownRows(KNOWN_BYTES);
  /** Every key that has had a row; undefined where it does not know all of them. */
  private seen: KeysSeen | undefined;
  /** Keys of the present transaction that have no row. */
  private readonly absent = new Set<string>();
  /** Saved in a transaction of which nobody has said yet that it is committed. */
  private saved: FoldedRows | undefined;

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
    this.copySql = copySql(projection, build);
  }

  /** The present states of these keys; a key without a row is not in the map. */
  async load(tx: Transaction, keys: Iterable<string>): Promise<Map<string, State>> {
    this.saved = undefined;
    this.absent.clear();
    const present = new Map<string, State>();
    const unknown = new Set<string>();
    for (const key of keys) {
      const row = this.known.get(key);
      if (row === undefined) (this.seen?.mayHave(key) === false ? this.absent : unknown).add(key);
      else if (row === null) this.absent.add(key);
      else present.set(key, row);
    }
    if (unknown.size === 0) return present;
    const { rows } = await tx.query(this.selectSql, [[...unknown], ...this.owner]);
    const { keyName } = this.projection;
    for (const { [keyName]: key, ...state } of rows) {
      present.set(String(key), state);
      unknown.delete(String(key));
    }
    for (const key of unknown) this.absent.add(key);
    return present;
  }

  /**
   * Writes each key once, and deletes the rows that are gone. Keys that `load` has found to be without a row in this same
   * transaction are new, which is quicker.
   * @throws JsonTooLargeError
   */
  async save(tx: ClientBase, rows: FoldedRows): Promise<void> {
    const gone: string[] = [];
    const added = new Writing();
    const changed = new Writing();
    for (const [key, state] of rows) {
      const isNew = this.absent.has(key);
      if (isNew) this.seen?.add(key);
      if (state !== null) (isNew ? added : changed).add(key, state);
      else if (!isNew) gone.push(key);
    }
    if (gone.length > 0) await tx.query(this.deleteSql, [gone, ...this.owner]);
    if (added.keys.length >= LEAST_COPIED) {
      await copyRows(tx, this.copySql, {
        columns: this.columnsOf(added),
        encoders: copyEncoders(this.projection),
      });
    } else changed.addAll(added);
    if (changed.keys.length > 0) await tx.query(this.upsertSql, [...this.columnsOf(changed)]);
    this.saved = rows;
  }

  /** Says that the transaction of the last `save` is committed. */
  committed(): void {
    for (const [key, row] of this.saved ?? []) {
      if (row === null || isKeptAsItIs(this.projection, row)) this.known.set(key, row);
      else this.known.forget(key);
    }
    this.saved = undefined;
  }

  /** Says that no row of the partition is there: which keys have none, it knows by itself from now on. */
  startEmpty(): void {
    this.seen = new KeysSeen(SEEN_BYTES);
  }

  /** Reads everything anew: a transaction may have committed of which nobody has said so. */
  forget(): void {
    this.known.clear();
    this.seen = undefined;
    this.saved = undefined;
  }

  private columnsOf({ keys, states }: Writing): unknown[][] {
    const owner = this.owner.map((value) => keys.map(() => value));
    return [keys, ...owner, ...storedValues(this.projection, states)];
  }

  /** Of an aggregate's partial rows, those of this partition alone are its own. */
  private get owner(): readonly (string | number)[] {
    return this.projection.kind === 'aggregate' ? [this.at.topic, this.at.partition] : [];
  }
}

/** Rows on their way into the table. */
class Writing {
  readonly keys: string[] = [];
  readonly states: State[] = [];

  add(key: string, state: State): void {
    this.keys.push(key);
    this.states.push(state);
  }

  addAll({ keys, states }: Writing): void {
    this.keys.push(...keys);
    this.states.push(...states);
  }
}
