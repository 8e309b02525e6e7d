import type { ByteRange } from './log-record';
import { murmur2 } from './murmur2';

const FIRST_ENTRIES = 64;
const SLOTS_PER_ENTRY = 2;
const FIRST_ID_BYTES = 40;
/** Spreads the numbers of sources over all bits: two to the 32nd divided by the golden ratio. */
const SPREAD = 0x9e3779b1;

/** An identity as it lies in a record, with the hash of its id, which is found once for all who ask. */
export interface IdentityBytes {
  readonly source: string;
  readonly id: ByteRange;
  readonly idHash: number;
}

export function identityBytes(source: string, id: ByteRange): IdentityBytes {
  return { source, id, idHash: murmur2(id.bytes, id.from, id.to) };
}

/**
 * Identities, with the place at which each was last seen. Ids lie one behind the other as bytes, in arrays of numbers: as texts
 * in a Map they cost several times as much, to make, to hash, and to collect. Two ids are the same when all their bytes are;
 * those with equal hashes are looked at one after the other, which is slower and never wrong.
 */
export class SeenIdentities {
  /**
   * For each slot a hash, and an entry's number and 1, or 0 where none is. An entry lies in the slot of its hash or the next
   * free one. Side by side, since what a look costs is the memory that it touches.
   */
  private slots = new Int32Array(2 * FIRST_ENTRIES * SLOTS_PER_ENTRY);
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
  placeOf(identity: IdentityBytes): number | undefined {
    const sourceNumber = this.sources.get(identity.source);
    if (sourceNumber === undefined) return undefined;
    const entry = this.entryIn(this.slotOf(identity, sourceNumber));
    return entry < 0 ? undefined : this.places[entry];
  }

  /** Notes that it was seen there, and gives the place where it was seen before; undefined when it was not. */
  see(identity: IdentityBytes, place: number): number | undefined {
    let sourceNumber = this.sources.get(identity.source);
    if (sourceNumber === undefined) {
      sourceNumber = this.sources.size;
      this.sources.set(identity.source, sourceNumber);
    }
    const slot = this.slotOf(identity, sourceNumber);
    const entry = this.entryIn(slot);
    if (entry >= 0) {
      const previous = this.places[entry];
      this.places[entry] = place;
      return previous;
    }
    this.append(identity.id, sourceNumber, place);
    this.slots[slot] = hashOf(identity, sourceNumber);
    this.slots[slot + 1] = this.count;
    if (this.count * SLOTS_PER_ENTRY * 2 > this.slots.length) this.growSlots();
    return undefined;
  }

  /** Forgets all of them, and keeps the room that they took. */
  clear(): void {
    this.slots.fill(0);
    this.sources.clear();
    this.count = 0;
  }

  /** The slot of that identity, or the free one where it belongs. */
  private slotOf(identity: IdentityBytes, sourceNumber: number): number {
    const hash = hashOf(identity, sourceNumber);
    const mask = this.slots.length - 1;
    for (let slot = (hash << 1) & mask; ; slot = (slot + 2) & mask) {
      const entry = this.entryIn(slot);
      if (entry < 0) return slot;
      const isAlike = this.slots[slot] === hash && this.sourceNumbers[entry] === sourceNumber;
      if (isAlike && this.hasId(entry, identity.id)) return slot;
    }
  }

  private entryIn(slot: number): number {
    return (this.slots[slot + 1] ?? 0) - 1;
  }

  private hasId(entry: number, { bytes, from, to }: ByteRange): boolean {
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

  private append({ bytes, from, to }: ByteRange, sourceNumber: number, place: number): void {
    const entry = this.count;
    if (entry === this.places.length) {
      this.sourceNumbers = doubled(this.sourceNumbers);
      this.ends = doubled(this.ends);
      this.places = doubled(this.places);
    }
    const start = this.startOf(entry);
    const end = start + to - from;
    while (end > this.ids.length) this.ids = doubled(this.ids);
    for (let index = start; index < end; index++) this.ids[index] = bytes[from + index - start] ?? 0;
    this.sourceNumbers[entry] = sourceNumber;
    this.ends[entry] = end;
    this.places[entry] = place;
    this.count += 1;
  }

  private growSlots(): void {
    const smaller = this.slots;
    this.slots = new Int32Array(smaller.length * 2);
    const mask = this.slots.length - 1;
    for (let from = 0; from < smaller.length; from += 2) {
      const entryAndOne = smaller[from + 1] ?? 0;
      if (entryAndOne === 0) continue;
      const hash = smaller[from] ?? 0;
      let slot = (hash << 1) & mask;
      while (this.entryIn(slot) >= 0) slot = (slot + 2) & mask;
      this.slots[slot] = hash;
      this.slots[slot + 1] = entryAndOne;
    }
  }
}

/** Many sources may number their events alike. */
function hashOf({ idHash }: IdentityBytes, sourceNumber: number): number {
  return idHash ^ Math.imul(sourceNumber, SPREAD);
}

function doubled<Numbers extends Int32Array | Float64Array | Uint8Array>(numbers: Numbers): Numbers {
  const larger = new (numbers.constructor as new (length: number) => Numbers)(numbers.length * 2);
  larger.set(numbers);
  return larger;
}
