const COMPACT_FROM = 64;

/** First in, first out. Every call takes amortised constant time; `Array.shift` moves all that is left instead. */
export class Fifo<Item> {
  private items: (Item | undefined)[] = [];
  private taken = 0;

  get size(): number {
    return this.items.length - this.taken;
  }

  /** The one that `shift` would take. */
  get first(): Item | undefined {
    return this.items[this.taken];
  }

  push(item: Item): void {
    this.items.push(item);
  }

  shift(): Item | undefined {
    const item = this.items[this.taken];
    if (this.size === 0) return undefined;
    this.items[this.taken] = undefined;
    this.taken += 1;
    // What is moved is no more than what was taken since the last time.
    if (this.taken >= COMPACT_FROM && this.taken >= this.size) {
      this.items = this.items.slice(this.taken);
      this.taken = 0;
    }
    return item;
  }
}
