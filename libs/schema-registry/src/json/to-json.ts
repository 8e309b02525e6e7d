import { setEntry } from '../avro/collection-types';

/** A value that `JSON.stringify` writes without loss and without hooks. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue };

/**
 * The JSON form of a decoded value; `parseJsonPayload` reads it back to the same value. A bigint is a number, and a
 * string beyond 2^53; bytes are base64; a Date is ISO 8601 in UTC; NaN and the infinities are strings. The sign of a
 * negative zero is lost, as `JSON.stringify` drops it. Throws TypeError for what no Avro type has, such as a function.
 */
export function toJson(value: unknown): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'bigint':
      return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
    case 'object':
      return value === null ? null : objectToJson(value);
    default:
      throw new TypeError(`a ${typeof value} has no JSON form`);
  }
}

function objectToJson(value: object): JsonValue {
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  }
  const result: Record<string, JsonValue> = {};
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) setEntry(result, name, toJson(member));
  }
  return result;
}
