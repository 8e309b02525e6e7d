/** Numbers that look random and come again with the same seed. Not safe to share between loops that must not vary. */
export class SeededChoices {
  private state: number;

  constructor(readonly seed: number) {
    this.state = seed | 0;
  }

  /** Choices of their own for a part that is named, whatever the other parts draw. */
  static for(seed: number, part: string): SeededChoices {
    let mixed = seed | 0;
    for (const character of part) mixed = Math.imul(mixed ^ (character.codePointAt(0) ?? 0), 0x01000193);
    return new SeededChoices(mixed);
  }

  /** A whole number from `from` up to and with `to`. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  /** True about `share` of the times, from 0 to 1. */
  happens(share: number): boolean {
    return this.next() < share;
  }

  /** One of the items. @throws Error when there is none. */
  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.between(0, items.length - 1)];
    if (item === undefined) throw new Error('there is nothing to choose from');
    return item;
  }

  /** The same items in another order; what is given stays as it is. */
  shuffled<Item>(items: readonly Item[]): Item[] {
    return items
      .map((item) => ({ item, rank: this.next() }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ item }) => item);
  }

  /** mulberry32: from 0 up to, and without, 1. */
  private next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}
