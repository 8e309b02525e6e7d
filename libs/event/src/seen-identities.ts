import type { HeaderBytes } from './log-record';
import { murmur2 } from './murmur2';

const FIRST_ENTRIES = 64;
const SLOTS_PER_ENTRY = 2;
const FIRST_ID_BYTES = 40;
/** Spreads the numbers of sources over all bits: two to the 32nd divided by the golden ratio. */
const SPREAD = 0x9e3779b1;

/**
 * Identities, with the place at which each was last seen. Ids lie one behind the other as bytes, in arrays of numbers: as texts
 * in a Map they cost several times as much, to make, to hash, and to collect. Two ids are the same when all their bytes are;
 * those with equal hashes are looked at one after the other, which is slower and never wrong.
 */
export class SeenIdentities {
  /** An entry's number and 1, or 0 where none is, at the slot of its hash or the next free one. */
  private slots = new Int32Array(FIRST_ENTRIES * SLOTS_PER_ENTRY);
  private hashes = new Int32Array(FIRST_ENTRIES);
  private sourceNumbers = new Int32Array(FIRST_ENTRIES);
  /** Where an entry's id ends in `ids`; it begins where the one before ends. */
  private ends = new Float64Array(FIRST_ENTRIES);
  private places = new Float64Array(FIRST_ENTRIES);
  private ids = new Uint8Array(FIRST_ENTRIES * FIRST_ID_BYTES);
  private readonly sources = new Map<string, number>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Where it was seen last; undefined when it was not. */
  placeOf(source: string, id: HeaderBytes): number | undefined {
    const sourceNumber = this.sources.get(source);
    if (sourceNumber === undefined) return undefined;
    const slot = this.slotOf(sourceNumber, id);
    const entry = (this.slots[slot] ?? 0) - 1;
    return entry < 0 ? undefined : this.places[entry];
  }

  /** Notes that it was seen there, and gives the place where it was seen before; undefined when it was not. */
  see(source: string, id: HeaderBytes, place: number): number | undefined {
    let sourceNumber = this.sources.get(source);
    if (sourceNumber === undefined) {
      sourceNumber = this.sources.size;
      this.sources.set(source, sourceNumber);
    }
    const slot = this.slotOf(sourceNumber, id);
    const entry = (this.slots[slot] ?? 0) - 1;
    if (entry >= 0) {
      const previous = this.places[entry];
      this.places[entry] = place;
      return previous;
    }
    this.add(slot, { hash: hashOf(sourceNumber, id), sourceNumber, id, place });
    return undefined;
  }

  /** Forgets all of them, and keeps the room that they took. */
  clear(): void {
    this.slots.fill(0);
    this.sources.clear();
    this.count = 0;
  }

  /** The slot of that identity, or the free one where it belongs. */
  private slotOf(sourceNumber: number, id: HeaderBytes): number {
    const hash = hashOf(sourceNumber, id);
    const mask = this.slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = (this.slots[slot] ?? 0) - 1;
      if (entry < 0) return slot;
      const isSame = this.hashes[entry] === hash && this.sourceNumbers[entry] === sourceNumber;
      if (isSame && this.hasId(entry, id)) return slot;
    }
  }

  private hasId(entry: number, { bytes, from, to }: HeaderBytes): boolean {
    const start = this.startOf(entry);
    if ((this.ends[entry] ?? 0) - start !== to - from) return false;
    for (let index = to - from - 1; index >= 0; index--) {
      if (this.ids[start + index] !== bytes[from + index]) return false;
    }
    return true;
  }

  private startOf(entry: number): number {
    return entry === 0 ? 0 : (this.ends[entry - 1] ?? 0);
  }

  private add(slot: number, { hash, sourceNumber, id, place }: Entry): void {
    const entry = this.count;
    if (entry === this.hashes.length) this.growEntries();
    const start = this.startOf(entry);
    const end = start + id.to - id.from;
    while (end > this.ids.length) this.ids = doubled(this.ids);
    for (let index = id.from; index < id.to; index++)
      this.ids[start + index - id.from] = id.bytes[index] ?? 0;
    this.hashes[entry] = hash;
    this.sourceNumbers[entry] = sourceNumber;
    this.ends[entry] = end;
    this.places[entry] = place;
    this.count += 1;
    if (this.count * SLOTS_PER_ENTRY > this.slots.length) this.growSlots();
    else this.slots[slot] = this.count;
  }

  private growEntries(): void {
    this.hashes = doubled(this.hashes);
    this.sourceNumbers = doubled(this.sourceNumbers);
    this.ends = doubled(this.ends);
    this.places = doubled(this.places);
  }

  private growSlots(): void {
    this.slots = new Int32Array(this.slots.length * 2);
    const mask = this.slots.length - 1;
    for (let entry = 0; entry < this.count; entry++) {
      let slot = (this.hashes[entry] ?? 0) & mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = entry + 1;
    }
  }
}

interface Entry {
  readonly hash: number;
  readonly sourceNumber: number;
  readonly id: HeaderBytes;
  readonly place: number;
}

function hashOf(sourceNumber: number, { bytes, from, to }: HeaderBytes): number {
  return murmur2(bytes, from, to) ^ Math.imul(sourceNumber, SPREAD);
}

function doubled<Numbers extends Int32Array | Float64Array | Uint8Array>(numbers: Numbers): Numbers {
  const larger = new (numbers.constructor as new (length: number) => Numbers)(numbers.length * 2);
  larger.set(numbers);
  return larger;
}
