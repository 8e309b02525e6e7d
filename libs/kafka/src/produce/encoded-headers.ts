import type { RawHeader } from '@millrace/event';
import { copyBytes } from './copy-bytes';
import { varintSize, writeVarint } from './varint';

/** Headers by their names; a text is written in UTF-8. */
export type Headers = Readonly<Record<string, Buffer | string>>;

/** Headers as they lie in a record, without the number that stands before them. */
export interface EncodedHeaders {
  readonly count: number;
  readonly bytes: Buffer;
}

export const NO_HEADERS: EncodedHeaders = { count: 0, bytes: Buffer.alloc(0) };

/** Extensions are named by clients: there may be any number of names. */
const MAX_NAMES = 1_000;
const encodedNames = new Map<string, Buffer>();
const encodedOnce = new WeakMap<Headers, EncodedHeaders>();

/** Encodes headers, in the order of their names. */
export function encodeHeaders(headers: Headers): EncodedHeaders {
  const names: Buffer[] = [];
  const values: (Buffer | string)[] = [];
  const lengths: number[] = [];
  let size = 0;
  for (const name in headers) {
    const value = headers[name] ?? '';
    const encodedName = encodeName(name);
    const length = Buffer.byteLength(value);
    names.push(encodedName);
    values.push(value);
    lengths.push(length);
    size += encodedName.length + varintSize(length) + length;
  }
  if (size === 0) return NO_HEADERS;
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (let index = 0; index < names.length; index++) {
    const value = values[index] ?? '';
    const length = lengths[index] ?? 0;
    at = copyBytes(names[index] ?? bytes, bytes, at);
    at = writeVarint(bytes, at, length);
    if (typeof value === 'string') bytes.write(value, at, 'utf8');
    else copyBytes(value, bytes, at);
    at += length;
  }
  return { count: names.length, bytes };
}

/** Encodes headers one by one as they are given: names may be repeated, and `null` stays `null`. */
export function encodeRawHeaders(headers: readonly RawHeader[]): EncodedHeaders {
  const encoded = headers.flatMap(([name, value]) => {
    const length = value?.length ?? -1;
    const encodedLength = Buffer.allocUnsafe(varintSize(length));
    writeVarint(encodedLength, 0, length);
    return value === null ? [encodeName(name), encodedLength] : [encodeName(name), encodedLength, value];
  });
  return { count: headers.length, bytes: Buffer.concat(encoded) };
}

/** Encodes an object that many records share the first time it is seen, so it must never change. */
export function encodeSharedHeaders(headers: Headers | undefined): EncodedHeaders {
  if (headers === undefined) return NO_HEADERS;
  let encoded = encodedOnce.get(headers);
  if (encoded === undefined) {
    encoded = encodeHeaders(headers);
    encodedOnce.set(headers, encoded);
  }
  return encoded;
}

function encodeName(name: string): Buffer {
  let encoded = encodedNames.get(name);
  if (encoded === undefined) {
    const text = Buffer.from(name);
    encoded = Buffer.alloc(varintSize(text.length) + text.length);
    copyBytes(text, encoded, writeVarint(encoded, 0, text.length));
    if (encodedNames.size >= MAX_NAMES) encodedNames.clear();
    encodedNames.set(name, encoded);
  }
  return encoded;
}
