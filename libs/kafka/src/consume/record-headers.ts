import type { ByteRange, RawHeader } from '@millrace/event';
import type { IHeaders } from 'kafkajs';
import { ByteReader } from './byte-reader';
import { HeaderName } from './header-name';

// In a batch a record's headers are their number, then a name and a value for each.

/** Lengths up to 63 have one byte, which is twice the length, or 1 for what is null. */
const ONE_BYTE = 0x80;

/**
 * The first header of that name as text: undefined when there is none, or it has no value. Nothing is decoded that is not asked
 * for.
 */
export function headerText(bytes: Buffer, from: number, name: string): string | undefined {
  const wanted = HeaderName.of(name);
  const found = findHeader(bytes, from, wanted);
  return found === undefined ? undefined : wanted.valueAt(bytes, found.from, found.to - found.from);
}

/** The same as bytes, where they lie. */
export function headerBytes(bytes: Buffer, from: number, name: string): ByteRange | undefined {
  return findHeader(bytes, from, HeaderName.of(name));
}

/** Whether there is a first header of each of these names, and it has a value. In one walk: this is asked of each record. */
export function hasHeaders(bytes: Buffer, from: number, names: readonly string[]): boolean {
  const wanted = HeaderName.all(names);
  let at = from + 1;
  let left = (bytes[from] ?? 0) >>> 1;
  let found = 0;
  if (left >= ONE_BYTE >>> 1) return hasLongHeaders(bytes, from, names);
  for (; left > 0; left--) {
    const length = bytes[at] ?? 0;
    const valueAt = at + 1 + (length >>> 1);
    const size = bytes[valueAt] ?? 0;
    if (length >= ONE_BYTE || size >= ONE_BYTE) return hasLongHeaders(bytes, from, names);
    for (let index = 0; index < wanted.length; index++) {
      if (((found >>> index) & 1) === 1 || wanted[index]?.isAt(bytes, at + 1, length >>> 1) !== true)
        continue;
      if (size === 1) return false;
      found |= 1 << index;
    }
    at = valueAt + 1 + (size >>> 1);
  }
  return found === (1 << wanted.length) - 1;
}

function hasLongHeaders(bytes: Buffer, from: number, names: readonly string[]): boolean {
  return names.every((name) => headerBytes(bytes, from, name) !== undefined);
}

function findHeader(bytes: Buffer, from: number, wanted: HeaderName): ByteRange | undefined {
  // What follows the loop can do all of it; this is for nearly all headers, in a third of the time.
  let at = from + 1;
  let left = (bytes[from] ?? 0) >>> 1;
  if (left >= ONE_BYTE >>> 1) return findLongHeader(bytes, from, wanted);
  for (; left > 0; left--) {
    const length = bytes[at] ?? 0;
    const valueAt = at + 1 + (length >>> 1);
    const size = bytes[valueAt] ?? 0;
    if (length >= ONE_BYTE || size >= ONE_BYTE) return findLongHeader(bytes, from, wanted);
    if (wanted.isAt(bytes, at + 1, length >>> 1)) {
      return size === 1 ? undefined : { bytes, from: valueAt + 1, to: valueAt + 1 + (size >>> 1) };
    }
    at = valueAt + 1 + (size >>> 1);
  }
  return undefined;
}

function findLongHeader(bytes: Buffer, from: number, wanted: HeaderName): ByteRange | undefined {
  const reader = new ByteReader(bytes, from);
  for (let left = reader.varint(); left > 0; left--) {
    const length = reader.varint();
    const isWanted = wanted.isAt(bytes, reader.at, length);
    reader.at += length;
    const size = reader.varint();
    if (isWanted) return size < 0 ? undefined : { bytes, from: reader.at, to: reader.at + size };
    if (size > 0) reader.at += size;
  }
  return undefined;
}

/** All headers in their order, with repeated names; the values are views on the batch. */
export function listHeaders(bytes: Buffer, from: number): RawHeader[] {
  const list: RawHeader[] = [];
  const reader = new ByteReader(bytes, from);
  for (let left = reader.varint(); left > 0; left--)
    list.push([String(reader.varBytes()), reader.varBytes()]);
  return list;
}

/** All headers by their names, as kafkajs has them: several values of one name are an array, in their order. */
export function readHeaders(bytes: Buffer, from: number): IHeaders {
  const headers: Record<string, unknown> = {};
  for (const [name, value] of listHeaders(bytes, from)) {
    const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
    const values = Array.isArray(before) ? (before as unknown[]) : [before];
    // A name may be one that objects have anyhow, such as __proto__.
    Object.defineProperty(headers, name, {
      value: before === undefined ? value : [...values, value],
      ...{ enumerable: true, configurable: true, writable: true },
    });
  }
  return headers as IHeaders;
}
