/** Bits for each key of a filter that is full: one key in a hundred that was never added is taken for one that was. */
const BITS_PER_KEY = 10;
const HASHES = 7;
const FIRST_KEYS = 16_384;
const PRIME = 0x01000193;

/**
 * Keys that were added, in about ten bits each: it may take a key for one that was added, and never the other way round. It
 * grows with the keys up to a size, and then takes each key for one that was added. A Bloom filter, in parts that double.
 */
export class KeysSeen {
  private parts: Part[] = [];
  private isFull = false;

  constructor(private readonly maxBytes: number) {}

  add(key: string): void {
    if (this.isFull) return;
    let last = this.parts.at(-1);
    if (last === undefined || last.left === 0) {
      const keys = last === undefined ? FIRST_KEYS : last.keys * 2;
      const bytes = this.parts.reduce((sum, { bits }) => sum + bits.length, 0);
      if (bytes + (keys * BITS_PER_KEY) / 8 > this.maxBytes) {
        this.isFull = true;
        this.parts = [];
        return;
      }
      last = new Part(keys);
      this.parts.push(last);
    }
    last.add(hashOf(key, PRIME), hashOf(key, 0x5bd1e995));
  }

  /** `false` only for a key that was never added. */
  mayHave(key: string): boolean {
    if (this.isFull) return true;
    if (this.parts.length === 0) return false;
    const first = hashOf(key, PRIME);
    const step = hashOf(key, 0x5bd1e995);
    return this.parts.some((part) => part.mayHave(first, step));
  }
}

class Part {
  readonly bits: Uint8Array;
  left: number;
  private readonly mask: number;

  /** A power of two. */
  constructor(readonly keys: number) {
    const size = 2 ** Math.ceil(Math.log2(keys * BITS_PER_KEY));
    this.bits = new Uint8Array(size / 8);
    this.mask = size - 1;
    this.left = keys;
  }

  add(first: number, step: number): void {
    this.left -= 1;
    for (let index = 0, at = first; index < HASHES; index++, at = (at + step) | 0) {
      const bit = at & this.mask;
      this.bits[bit >>> 3] = (this.bits[bit >>> 3] ?? 0) | (1 << (bit & 7));
    }
  }

  mayHave(first: number, step: number): boolean {
    for (let index = 0, at = first; index < HASHES; index++, at = (at + step) | 0) {
      const bit = at & this.mask;
      if (((this.bits[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
    }
    return true;
  }
}

/** FNV-1a over the key's characters, finished as murmur does, odd so that it can be a step. */
function hashOf(key: string, prime: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index++) {
    hash = Math.imul(hash ^ key.charCodeAt(index), prime);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 1;
}
