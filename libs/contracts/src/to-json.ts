/** A value that `JSON.stringify` writes without loss and without hooks. */
export type JsonValue =
  null | boolean | number | string | readonly JsonValue[] | { readonly [name: string]: JsonValue };

/**
 * The JSON form of a value of an event type, as the producer takes it and `parseJsonPayload` reads it back to the same
 * value. A bigint is a number, and a string beyond 2^53; bytes are base64; a Date is ISO 8601 in UTC; NaN and the
 * infinities are strings; members that are undefined are left out. The sign of a negative zero is lost, as
 * `JSON.stringify` drops it. Throws TypeError for what no Avro type has, such as a function, and RangeError for an invalid
 * Date.
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
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  // Not by assignment: a member that is called `__proto__` is data like any other.
  return Object.fromEntries(members.map(([name, member]) => [name, toJson(member)]));
}
