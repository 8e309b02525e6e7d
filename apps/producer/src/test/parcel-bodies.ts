import { gzipSync } from 'node:zlib';

/** The event type that the bodies name, of `parcels`. */
const TYPE = 'parcels.ParcelWeighed';

export const STRUCTURED = { 'content-type': 'application/cloudevents+json' };
export const BATCH = { 'content-type': 'application/cloudevents-batch+json' };
export const STREAM = { 'content-type': 'application/x-ndjson' };
export const BINARY = { 'content-type': 'application/json', 'ce-specversion': '1.0', 'ce-type': TYPE };
export const GZIP = { 'content-encoding': 'gzip' };
export const ZSTD = { 'content-encoding': 'zstd' };

/** A weighing, as it is published. */
export const data = { parcelId: 'p-1', grams: 1 };

/** A weighing as an event in JSON, with more attributes or others. */
export function event(more: object = {}): string {
  return JSON.stringify({ type: TYPE, data, ...more });
}

/** So many weighings as a batch in JSON. */
export function batchOf(count: number): string {
  return `[${Array.from({ length: count }, () => event()).join()}]`;
}

/** So many extensions, each with a value of so many characters. */
export function extensions(count: number, size: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`x${index}`, 'v'.repeat(size)]));
}

export function gzipped(body: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(gzipSync(body));
}
