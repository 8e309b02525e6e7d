import avsc from 'avsc';
import { CorruptBodyError } from './tap';
import type { AvroInternals, Tap } from './tap';

/** More items than this need at least a byte each; fewer may be of a type without bytes, such as null. */
const freeItems = 10_000;

/**
 * avsc believes an item count before it has seen an item, and a negative block size moves its cursor backwards: one
 * corrupt record would hang or exhaust the process. These two types check counts and sizes against what is left.
 */
export class GuardedArrayType extends avsc.types.ArrayType {
  /** avsc calls this on resolvers as well: `itemsType` is all that it may use of `this`. */
  _read(tap: Tap): unknown[] {
    const items = this.itemsType as unknown as AvroInternals;
    const values: unknown[] = [];
    for (let count = readCount(tap); count > 0; count = readCount(tap)) {
      for (let index = 0; index < count; index += 1) values.push(items._read(tap));
    }
    return values;
  }

  _skip(tap: Tap): void {
    const items = this.itemsType as unknown as AvroInternals;
    skipBlocks(tap, () => {
      items._skip(tap);
    });
  }
}

/** As above; a key that is called `__proto__` is data like any other. */
export class GuardedMapType extends avsc.types.MapType {
  _read(tap: Tap): Record<string, unknown> {
    const valuesType = this.valuesType as AvroInternals;
    const values: Record<string, unknown> = {};
    for (let count = readCount(tap); count > 0; count = readCount(tap)) {
      for (let index = 0; index < count; index += 1)
        setEntry(values, tap.readString(), valuesType._read(tap));
    }
    return values;
  }

  _skip(tap: Tap): void {
    const valuesType = this.valuesType as AvroInternals;
    skipBlocks(tap, () => {
      tap.skipString();
      valuesType._skip(tap);
    });
  }
}

/** Sets an entry of a map; plain assignment of `__proto__` would change the object's prototype instead. */
export function setEntry(map: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  else map[key] = value;
}

function readCount(tap: Tap): number {
  const count = tap.readLong();
  if (count >= 0) return checkCount(tap, count);
  tap.skipLong();
  return checkCount(tap, -count);
}

function skipBlocks(tap: Tap, skipItem: () => void): void {
  for (let count = tap.readLong(); count !== 0; count = tap.readLong()) {
    if (count < 0) {
      const size = tap.readLong();
      if (size < 0) throw new CorruptBodyError('a block of negative size');
      tap.pos += size;
    } else {
      checkCount(tap, count);
      for (let index = 0; index < count; index += 1) skipItem();
    }
  }
}

function checkCount(tap: Tap, count: number): number {
  if (count > freeItems && count > tap.buf.length - tap.pos) {
    throw new CorruptBodyError('more items than the rest of the body can hold');
  }
  return count;
}
