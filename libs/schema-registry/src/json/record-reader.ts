import type avsc from 'avsc';
import { nearestName } from '../nearest-name';
import { maxJsonDepth } from './parse-json-lossless';
import type { JsonReader, ReadContext } from './reader';

interface FieldReader {
  readonly name: string;
  readonly read: JsonReader;
  /** A fresh copy of the schema's default, or undefined when the field must be given. */
  readonly defaultValue: () => unknown;
}

/** Reads a JSON object into a record: missing fields take their defaults, unknown ones are refused by name. */
export function recordReader(
  type: avsc.types.RecordType,
  compile: (type: avsc.Type) => JsonReader,
): JsonReader {
  const fields = type.fields.map((field): FieldReader => ({
    name: field.name,
    read: compile(field.type),
    defaultValue: () => field.defaultValue() as unknown,
  }));
  const names = fields.map((field) => field.name);
  const known = new Set(names);
  return (input, context) => {
    if (typeof input !== 'object' || input === null || Array.isArray(input)) {
      return context.report(`object (${type.name ?? 'record'})`, input);
    }
    if (context.path.length >= maxJsonDepth) return context.report(`at most ${maxJsonDepth} levels`, input);
    const payload = input as Readonly<Record<string, unknown>>;
    const value: Record<string, unknown> = {};
    let found = 0;
    for (const field of fields) {
      // Not `payload[name]` alone: a field may be called like a member that every object inherits.
      const given = Object.hasOwn(payload, field.name) ? payload[field.name] : undefined;
      if (given !== undefined) found += 1;
      value[field.name] = readField(field, given, context);
    }
    const keys = Object.keys(payload);
    if (keys.length > found) refuseUnknown(keys, known, names, payload, context);
    return value;
  };
}

function readField(field: FieldReader, given: unknown, context: ReadContext): unknown {
  const value = given === undefined ? field.defaultValue() : undefined;
  return value === undefined ? context.readInside(field.name, given, field.read) : value;
}

function refuseUnknown(
  keys: readonly string[],
  known: ReadonlySet<string>,
  names: readonly string[],
  payload: Readonly<Record<string, unknown>>,
  context: ReadContext,
): void {
  for (const key of keys) {
    if (known.has(key)) continue;
    const nearest = nearestName(key, names);
    const hint = nearest === undefined ? `the fields are ${names.join(', ')}` : `the nearest is ${nearest}`;
    context.reportInside(key.toWellFormed(), `no field of this name; ${hint}`, payload[key]);
    if (context.full) return;
  }
}
