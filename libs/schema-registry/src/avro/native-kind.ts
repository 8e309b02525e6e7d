import avsc from 'avsc';
import { NativeLogicalType } from './logical-type';

/** The kinds of JavaScript values that Avro values become. */
export type NativeKind =
  'null' | 'boolean' | 'number' | 'bigint' | 'string' | 'date' | 'bytes' | 'array' | 'object';

/** The JSON types, as a union of schemas tells its branches apart by them. */
export type JsonForm = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

const { types } = avsc;

/** The kind of the values of a type. */
export function kindOfType(type: avsc.Type): NativeKind {
  if (type instanceof NativeLogicalType) return type.nativeKind;
  if (type instanceof types.NullType) return 'null';
  if (type instanceof types.BooleanType) return 'boolean';
  if (type instanceof types.BytesType || type instanceof types.FixedType) return 'bytes';
  if (type instanceof types.ArrayType) return 'array';
  if (type instanceof types.MapType || type instanceof types.RecordType) return 'object';
  if (type instanceof types.StringType || type instanceof types.EnumType) return 'string';
  return type instanceof types.LongType ? 'bigint' : 'number';
}

/** The kind of a value, or undefined when no Avro type has such values. */
export function kindOfValue(value: unknown): NativeKind | undefined {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
    case 'boolean':
      return typeof value as NativeKind;
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return 'array';
      if (value instanceof Uint8Array) return 'bytes';
      return value instanceof Date ? 'date' : 'object';
    default:
      return undefined;
  }
}

/** The JSON types in which values of a type may appear: longs beyond 2^53 and NaN are strings there. */
export function jsonFormsOf(type: avsc.Type): readonly JsonForm[] {
  if (type instanceof NativeLogicalType) return type.jsonForms;
  switch (kindOfType(type)) {
    case 'number':
      return type instanceof types.IntType ? ['number'] : ['number', 'string'];
    case 'bigint':
      return ['number', 'string'];
    case 'bytes':
    case 'date':
      return ['string'];
    default:
      return [kindOfType(type) as JsonForm];
  }
}
