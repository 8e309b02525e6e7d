import type { TopicPartition } from '@millrace/event';
import type { Projection, ProjectionBuild, RowToFold, State } from '@millrace/projecting';
import type { Transaction } from '@millrace/delivery';
import type { ClientBase } from 'pg';
import { copyRows } from './copy-rows';
import { KeysSeen } from './keys-seen';
import { KnownRow, KnownRows } from './known-rows';
import { isKeptAsItIs, isPlain } from './plain-state';
import { copySql, primaryKey, selectedColumns, tableName, upsertSql } from './read-model-sql';
import { storedValues } from './stored-values';

/** Rows of one partition that are kept in memory at most, beside those of the transaction under way. */
const KNOWN_BYTES = 4_194_304;
/** Of keys that have rows, at most: some millions of them. */
const SEEN_BYTES = 8_388_608;
/** Fewer new rows go with the changed ones, in one statement. */
const LEAST_COPIED = 100;

/**
 * Reads and writes the rows of one build that one partition owns, within that partition's fenced transactions. It remembers
 * what it has written: that holds for as long as nobody else writes these rows, so it is made anew whenever the partition is
 * taken. In each transaction `begin`, then any number of times `rowsOf`, whose rows are folded into, then `save`. Not safe for
 * two transactions at once.
 */
export class ProjectionRows {
  private readonly selectSql: string;
  private readonly upsertSql: string;
  private readonly deleteSql: string;
  private readonly copySql: string;
  private readonly known = new KnownRows(KNOWN_BYTES);
  /** Every key that has had a row; undefined where it does not know all of them. */
  private seen: KeysSeen | undefined;
  /** What the transaction under way has asked for. */
  private inUse: KnownRow[] = [];

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

  /** A transaction begins. What one before has folded, and nobody said to be committed, is read again. */
  begin(): void {
    for (const { key } of this.inUse) this.known.forget(key);
    this.inUse = [];
    this.known.trim();
  }

  /** The rows of these records' keys, in their order; those that are not known are read. */
  async rowsOf(tx: Transaction, records: readonly { readonly key: string }[]): Promise<readonly RowToFold[]> {
    let unknown: Map<string, KnownRow> | undefined;
    const rows: KnownRow[] = [];
    for (const { key } of records) {
      const row = this.known.recent(key) ?? this.rowNotRecent(key);
      if (row.committed === undefined) (unknown ??= new Map()).set(key, row);
      if (!row.isInUse) {
        row.isInUse = true;
        this.inUse.push(row);
      }
      rows.push(row);
    }
    if (unknown !== undefined) await this.read(tx, unknown);
    return rows;
  }

  /**
   * Writes each key once, and deletes the rows that are gone; gives how many those are. Keys that were found to be without
   * a row are new, which is quicker where there are many, and their values are what their columns' are.
   * @throws JsonTooLargeError
   */
  async save(tx: ClientBase): Promise<number> {
    const gone: string[] = [];
    const added = new Writing();
    const changed = new Writing();
    let count = 0;
    for (const row of this.inUse) {
      const { key, committed, folded } = row;
      if (folded === undefined) continue;
      count += 1;
      const isNew = committed === null;
      if (folded !== null) {
        if (isNew) this.seen?.add(key);
        row.isPlain = isPlain(this.projection, folded);
        (isNew && row.isPlain ? added : changed).add(key, folded);
      } else if (!isNew) gone.push(key);
    }
    if (gone.length > 0) await tx.query(this.deleteSql, [gone, ...this.owner]);
    if (added.keys.length >= LEAST_COPIED) {
      await copyRows(tx, this.copySql, this.projection, {
        keys: added.keys,
        states: added.states,
        owner: this.owner,
      });
    } else changed.addAll(added);
    if (changed.keys.length > 0) await tx.query(this.upsertSql, [...this.columnsOf(changed)]);
    return count;
  }

  /** Says that the transaction of the last `save` is committed. */
  committed(): void {
    for (const row of this.inUse) {
      row.isInUse = false;
      const { folded } = row;
      if (folded === undefined) continue;
      if (folded !== null && !(row.isPlain && isKeptAsItIs(this.projection, folded))) {
        this.known.forget(row.key);
        continue;
      }
      if (folded !== null && row.committed === null) this.known.filled(folded);
      row.committed = folded;
      row.folded = undefined;
    }
    this.inUse = [];
  }

  /** Says that no row of the partition is there: which keys have none, it knows by itself from now on. */
  startEmpty(): void {
    this.seen = new KeysSeen(SEEN_BYTES);
  }

  /** Reads everything anew: a transaction may have committed of which nobody has said so. */
  forget(): void {
    this.known.clear();
    this.seen = undefined;
    this.inUse = [];
  }

  /** Of a key that has had no row it is known without a look; its `committed` is undefined where it has to be read. */
  private rowNotRecent(key: string): KnownRow {
    const hasNone = this.seen?.mayHave(key) === false;
    const older = hasNone ? undefined : this.known.older(key);
    if (older !== undefined) return older;
    const row = new KnownRow(key, hasNone ? null : undefined);
    this.known.put(row);
    return row;
  }

  private async read(tx: Transaction, unknown: ReadonlyMap<string, KnownRow>): Promise<void> {
    const { rows } = await tx.query(this.selectSql, [[...unknown.keys()], ...this.owner]);
    const { keyName } = this.projection;
    for (const row of unknown.values()) row.committed = null;
    for (const { [keyName]: key, ...state } of rows) {
      const row = unknown.get(String(key));
      if (row === undefined) continue;
      row.committed = state;
      this.known.filled(state);
    }
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
