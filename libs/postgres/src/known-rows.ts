import type { RowToFold, State } from '@millrace/projecting';

/** What a row costs beside its texts, roughly. */
const ROW_BYTES = 300;

/** A row in memory. */
export class KnownRow implements RowToFold {
  /** In the transaction under way; undefined as long as that has not changed it. */
  folded: State | null | undefined = undefined;
  /** Of what is folded, whether it is plain; found when it is saved. */
  isPlain = false;
  /** Whether the transaction under way has asked for it. */
  isInUse = false;

  constructor(
    readonly key: string,
    /** As it was last committed: `null` is no row, `undefined` is not known yet. */
    public committed?: State | null,
  ) {}

  /** With what the transaction under way has folded. */
  get state(): State | null | undefined {
    return this.folded === undefined ? this.committed : this.folded;
  }

  set state(state: State | null | undefined) {
    this.folded = state;
  }
}

/**
 * Rows as they were last committed, and keys that have none, so that they need not be read again. It holds the rows that were
 * used last, whatever the number of keys: beside those that came since it was last trimmed, up to a size in bytes.
 */
export class KnownRows {
  // Two generations, and the older one is forgotten whole: to take rows out one by one would cost each row as much as to put
  // one in.
  private recentRows = new Map<string, KnownRow>();
  private olderRows = new Map<string, KnownRow>();
  private recentBytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** One that was used not long ago. */
  recent(key: string): KnownRow | undefined {
    return this.recentRows.get(key);
  }

  /** One that is not recent, and is from now on. */
  older(key: string): KnownRow | undefined {
    const row = this.olderRows.get(key);
    if (row !== undefined) this.put(row);
    return row;
  }

  put(row: KnownRow): void {
    this.recentRows.set(row.key, row);
    this.recentBytes += ROW_BYTES + row.key.length + textBytes(row.committed);
  }

  /** Says that a row has got longer: its first state came after it was put here. */
  filled(state: State): void {
    this.recentBytes += textBytes(state);
  }

  forget(key: string): void {
    this.recentRows.delete(key);
    this.olderRows.delete(key);
  }

  clear(): void {
    this.recentRows.clear();
    this.olderRows.clear();
    this.recentBytes = 0;
  }

  /** Forgets what was not used for long, if it has become too much. Nothing is forgotten in between. */
  trim(): void {
    if (this.recentBytes * 2 < this.maxBytes) return;
    this.olderRows = this.recentRows;
    this.recentRows = new Map();
    this.recentBytes = 0;
  }

  get size(): number {
    return this.recentRows.size + this.olderRows.size;
  }
}

function textBytes(row: State | null | undefined): number {
  let bytes = 0;
  for (const name in row) {
    const value = row[name];
    if (typeof value === 'string') bytes += value.length;
  }
  return bytes;
}
