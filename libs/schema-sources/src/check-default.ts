import { isJsonObject } from './avro-model';
import type { AvroField, AvroNode, LogicalName, NamedType, PrimitiveName } from './avro-model';

type Types = ReadonlyMap<string, NamedType>;

const int32 = 2 ** 31;
/** Avro writes bytes in a default as characters of one byte each. */
const byteText = /^[\u0000-\u00ff]*$/;

/**
 * Why a default is no value of its type, or undefined when it is one. The default of a union must fit its first branch:
 * Avro 1.12 allows any branch, and every older library, of readers that still run, only the first.
 */
export function defaultProblem(node: AvroNode, value: unknown, types: Types): string | undefined {
  switch (node.kind) {
    case 'primitive':
      return primitiveProblem(node.name, value);
    case 'logical':
      return primitiveProblem(storedAs(node.name), value);
    case 'array':
      if (!Array.isArray(value)) return 'expected an array';
      return firstProblem(value.map((item) => () => defaultProblem(node.items, item, types)));
    case 'map':
      if (!isJsonObject(value)) return 'expected an object';
      return firstProblem(Object.values(value).map((item) => () => defaultProblem(node.values, item, types)));
    case 'union': {
      const [first] = node.branches;
      const problem = first === undefined ? undefined : defaultProblem(first, value, types);
      return problem === undefined ? undefined : `${problem}, the first type of the union`;
    }
    case 'named':
      return namedProblem(types.get(node.fullName), value, types);
  }
}

function namedProblem(type: NamedType | undefined, value: unknown, types: Types): string | undefined {
  switch (type?.shape.kind) {
    case 'enum':
      return type.shape.symbols.includes(value as string)
        ? undefined
        : `expected one of ${type.shape.symbols.join(', ')}`;
    case 'record':
      return recordProblem(type.shape.fields, value, types);
    case 'fixed':
    case 'logical': {
      const fits = typeof value === 'string' && byteText.test(value) && value.length === type.shape.size;
      return fits ? undefined : `expected a string of ${type.shape.size} characters up to \\u00ff`;
    }
    case undefined:
      return undefined;
  }
}

function recordProblem(fields: readonly AvroField[], value: unknown, types: Types): string | undefined {
  if (!isJsonObject(value)) return 'expected an object';
  return firstProblem(
    fields.map((field) => () => {
      const given = Object.hasOwn(value, field.name) ? value[field.name] : field.default;
      if (given === undefined) return `\`${field.name}\` is missing`;
      const problem = defaultProblem(field.type, given, types);
      return problem === undefined ? undefined : `\`${field.name}\`: ${problem}`;
    }),
  );
}

function primitiveProblem(name: PrimitiveName, value: unknown): string | undefined {
  return fits(name, value) ? undefined : `expected ${name === 'bytes' ? 'a string for bytes' : name}`;
}

function fits(name: PrimitiveName, value: unknown): boolean {
  switch (name) {
    case 'null':
      return value === null;
    case 'boolean':
      return typeof value === 'boolean';
    case 'int':
      return Number.isInteger(value) && (value as number) >= -int32 && (value as number) < int32;
    case 'long':
      return Number.isSafeInteger(value);
    case 'float':
    case 'double':
      return typeof value === 'number';
    case 'string':
      return typeof value === 'string';
    case 'bytes':
      return typeof value === 'string' && byteText.test(value);
  }
}

function storedAs(name: LogicalName): PrimitiveName {
  switch (name) {
    case 'decimal':
      return 'bytes';
    case 'uuid':
      return 'string';
    case 'date':
    case 'time-millis':
      return 'int';
    default:
      return 'long';
  }
}

function firstProblem(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const problem = check();
    if (problem !== undefined) return problem;
  }
  return undefined;
}
