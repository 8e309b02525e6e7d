interface Keyed {
  readonly topic: string;
  readonly key: string | null;
}

/**
 * Keys of which an event is set aside: what comes after it waits behind it, so that a reader never sees an event whose
 * predecessor is missing. Events without a key are never held together.
 */
export class HeldKeys {
  private keys = new Set<string>();

  has(row: Keyed): boolean {
    return row.key !== null && this.keys.size > 0 && this.keys.has(nameOf(row));
  }

  add(row: Keyed): void {
    if (row.key !== null) this.keys.add(nameOf(row));
  }

  replace(rows: readonly Keyed[]): void {
    this.keys = new Set(rows.filter(({ key }) => key !== null).map(nameOf));
  }
}

function nameOf({ topic, key }: Keyed): string {
  return `${topic}\n${key}`;
}
