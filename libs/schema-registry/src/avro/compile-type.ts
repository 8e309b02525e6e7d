import avsc from 'avsc';
import { GuardedArrayType, GuardedMapType } from './collection-types';
import { DecimalType } from './decimal-type';
import { doubleType, floatType } from './floating-types';
import { bigIntLongType } from './long-type';
import { bytesType, NativeFixedType, stringType } from './text-and-bytes-types';
import {
  DateType,
  LocalTimestampMicrosType,
  LocalTimestampMillisType,
  TimeMicrosType,
  TimeMillisType,
  TimestampMicrosType,
  TimestampMillisType,
} from './time-types';
import { NativeUnionType } from './union-type';
import { UuidType } from './uuid-type';

type TypeOptions = NonNullable<Parameters<typeof avsc.Type.forSchema>[1]>;
type TypeHook = (schema: unknown, options: unknown) => avsc.Type | undefined;
type AvroSchema = Parameters<typeof avsc.Type.forSchema>[0];

const logicalTypes = {
  decimal: DecimalType,
  uuid: UuidType,
  date: DateType,
  'time-millis': TimeMillisType,
  'time-micros': TimeMicrosType,
  'timestamp-millis': TimestampMillisType,
  'timestamp-micros': TimestampMicrosType,
  'local-timestamp-millis': LocalTimestampMillisType,
  'local-timestamp-micros': LocalTimestampMicrosType,
};

/**
 * The type whose values are the platform's native ones, for encoding and for reading. Throws a plain Error that says
 * what is wrong with the schema: a union that cannot be told apart, a logical type on the wrong base, a bad default.
 */
export function compileNativeType(schema: object): avsc.types.RecordType {
  return compileRecord(schema, { typeHook: nativeHook, assertLogicalTypes: true, wrapUnions: 'never' });
}

/**
 * The type of a schema that somebody else wrote with: resolvers are made from it, values are not. It takes every valid
 * Avro schema, and ignores logical types that are used wrongly, as the specification asks of a reader.
 */
export function compileWriterType(schema: object): avsc.types.RecordType {
  return compileRecord(schema, { typeHook: guardHook, wrapUnions: 'always' });
}

function compileRecord(schema: object, options: object): avsc.types.RecordType {
  const all = { ...options, logicalTypes, omitRecordMethods: true } as unknown as TypeOptions;
  const type = avsc.Type.forSchema(schema as AvroSchema, all);
  if (!(type instanceof avsc.types.RecordType)) throw new Error('expected a record');
  return type;
}

const nativeHook: TypeHook = (schema, options) => {
  if (Array.isArray(schema)) return new NativeUnionType(schema as unknown as avsc.Type, options);
  switch (plainTypeOf(schema)) {
    case 'long':
      return bigIntLongType;
    case 'float':
      return floatType;
    case 'double':
      return doubleType;
    case 'string':
      return stringType;
    case 'bytes':
      return bytesType;
    case 'fixed':
      return new NativeFixedType(schema as avsc.Type, options);
    default:
      return guardHook(schema, options);
  }
};

const guardHook: TypeHook = (schema, options) => {
  if (typeof schema !== 'object') return undefined;
  switch (plainTypeOf(schema)) {
    case 'array':
      return new GuardedArrayType(schema as avsc.Type, options);
    case 'map':
      return new GuardedMapType(schema as avsc.Type, options);
    default:
      return undefined;
  }
};

/** The Avro type's name, unless a known logical type stands on it: avsc builds that one, and the type beneath, itself. */
function plainTypeOf(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return schema;
  const { type, logicalType } = schema as { type?: unknown; logicalType?: unknown };
  return typeof logicalType === 'string' && Object.hasOwn(logicalTypes, logicalType) ? undefined : type;
}
