/** Numbers that look random and come again with the same seed. */
export class Seeded {
  private state: number;

  constructor(readonly seed: number = Math.floor(Math.random() * 2 ** 32)) {
    this.state = seed;
  }

  /** A whole number from `from` up to and with `to`. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    return items
      .map((item) => ({ item, rank: this.next() }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ item }) => item);
  }

  /** Runs a test whose course depends on this; the error of one that fails names the seed. */
  async run(test: () => Promise<void>): Promise<void> {
    try {
      await test();
    } catch (error) {
      if (error instanceof Error) error.message = `with seed ${this.seed}: ${error.message}`;
      throw error;
    }
  }

  /** mulberry32. */
  private next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
