import type { State } from '@millrace/projecting';

/** What a row costs beside its texts, roughly. */
const ROW_BYTES = 300;

/**
 * Rows as they were last committed, and keys that have none, so that they need not be read again. It holds the rows that were
 * used last, up to a size in bytes, whatever the number of keys.
 */
export class KnownRows {
  // Two generations, and the older one is forgotten whole: to take rows out one by one would cost each row as much as to put
  // one in.
  private recent = new Map<string, State | null>();
  private older = new Map<string, State | null>();
  private recentBytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** `null` is a key without a row; `undefined` is one that nothing is known of. */
  get(key: string): State | null | undefined {
    const recent = this.recent.get(key);
    if (recent !== undefined) return recent;
    const older = this.older.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: string, row: State | null): void {
    const before = this.recent.size;
    this.recent.set(key, row);
    if (this.recent.size === before) return;
    this.recentBytes += ROW_BYTES + key.length + textBytes(row);
    if (this.recentBytes * 2 < this.maxBytes) return;
    this.older = this.recent;
    this.recent = new Map();
    this.recentBytes = 0;
  }

  forget(key: string): void {
    this.recent.delete(key);
    this.older.delete(key);
  }

  clear(): void {
    this.recent.clear();
    this.older.clear();
    this.recentBytes = 0;
  }

  get size(): number {
    return this.recent.size + this.older.size;
  }
}

function textBytes(row: State | null): number {
  let bytes = 0;
  for (const name in row) {
    const value = row[name];
    if (typeof value === 'string') bytes += value.length;
  }
  return bytes;
}
