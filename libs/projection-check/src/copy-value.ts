import { types } from 'node:util';

/**
 * A deep copy of an event's value or a state. Unlike `structuredClone` it keeps prototypes, and makes its objects in the
 * caller's own realm, so that `instanceof` goes on to hold in a test runner's sandbox.
 */
export function copyValue<Value>(value: Value): Value {
  return copy(value) as Value;
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (types.isDate(value)) return new Date(value.getTime());
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  if (types.isUint8Array(value)) return value.slice();
  if (Array.isArray(value)) return value.map(copy);
  const copied = Object.create(Object.getPrototypeOf(value) as object | null) as Record<string, unknown>;
  for (const [name, member] of Object.entries(value)) copied[name] = copy(member);
  return copied;
}
