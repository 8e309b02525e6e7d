import avsc from 'avsc';
import { setEntry } from '../avro/collection-types';
import { NativeLogicalType } from '../avro/logical-type';
import { jsonFormsOf } from '../avro/native-kind';
import type { JsonForm } from '../avro/native-kind';
import type { JsonReader } from './reader';
import { recordReader } from './record-reader';
import {
  enumReader,
  fixedReader,
  readBoolean,
  readBytes,
  readDouble,
  readFloat,
  readInt,
  readLong,
  readNull,
  readString,
} from './scalar-readers';

const { types } = avsc;

/** The reader of a native type. `known` holds what has been compiled already; a recursive record finds itself there. */
export function compileReader(type: avsc.Type, known = new Map<avsc.Type, JsonReader>()): JsonReader {
  const before = known.get(type);
  if (before !== undefined) return before;
  if (type instanceof NativeLogicalType) return logicalReader(type);
  if (type instanceof types.RecordType) {
    const lazy: { read?: JsonReader } = {};
    known.set(type, (input, context) => lazy.read?.(input, context));
    lazy.read = recordReader(type, (inner) => compileReader(inner, known));
    return lazy.read;
  }
  if (type instanceof types.ArrayType) return arrayReader(compileReader(type.itemsType, known));
  if (type instanceof types.MapType) return mapReader(compileReader(type.valuesType as avsc.Type, known));
  if (type instanceof types.UnwrappedUnionType) {
    return unionReader(type.types, (inner) => compileReader(inner, known));
  }
  if (type instanceof types.EnumType) return enumReader(type.symbols);
  if (type instanceof types.FixedType) return fixedReader(type.size);
  return primitiveReader(type);
}

function primitiveReader(type: avsc.Type): JsonReader {
  if (type instanceof types.NullType) return readNull;
  if (type instanceof types.BooleanType) return readBoolean;
  if (type instanceof types.IntType) return readInt;
  if (type instanceof types.LongType) return readLong;
  if (type instanceof types.FloatType) return readFloat;
  if (type instanceof types.DoubleType) return readDouble;
  return type instanceof types.BytesType ? readBytes : readString;
}

function logicalReader(type: NativeLogicalType): JsonReader {
  return (input, context) => type.fromJson(input) ?? context.report(type.expected, input);
}

function arrayReader(readItem: JsonReader): JsonReader {
  return (input, context) => {
    if (!Array.isArray(input)) return context.report('array', input);
    const values: unknown[] = [];
    for (const [index, item] of input.entries()) {
      values.push(context.readInside(index, item, readItem));
      if (context.full) break;
    }
    return values;
  };
}

function mapReader(readValue: JsonReader): JsonReader {
  return (input, context) => {
    if (!isPlainObject(input)) return context.report('object (a map from strings)', input);
    const values: Record<string, unknown> = {};
    for (const key of Object.keys(input)) {
      if (!key.isWellFormed())
        context.reportInside(key.toWellFormed(), 'a key of whole Unicode characters', key);
      setEntry(values, key, context.readInside(key, input[key], readValue));
      if (context.full) break;
    }
    return values;
  };
}

/** Compiling the type has made sure that no JSON type fits two branches. */
function unionReader(branches: readonly avsc.Type[], compile: (type: avsc.Type) => JsonReader): JsonReader {
  const readers = new Map<JsonForm, JsonReader>();
  for (const branch of branches) {
    const read = compile(branch);
    for (const form of jsonFormsOf(branch)) readers.set(form, read);
  }
  const expected = branches
    .map((branch) => branch.name ?? branch.typeName.replace(/^(logical|abstract):/, ''))
    .join(' or ');
  return (input, context) => {
    const read = readers.get(formOf(input));
    return read === undefined ? context.report(expected, input) : read(input, context);
  };
}

function formOf(input: unknown): JsonForm {
  if (input === null) return 'null';
  if (Array.isArray(input)) return 'array';
  return typeof input === 'bigint' ? 'number' : (typeof input as JsonForm);
}

function isPlainObject(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}
