import type { EventType } from '@millrace/contracts';
import { schemaRef } from './json-schema';
import type { JsonSchema } from './json-schema';

type AvroObject = Readonly<Record<string, unknown>>;

const INT = { type: 'integer', minimum: -2_147_483_648, maximum: 2_147_483_647 };
const DIGITS = { type: 'string', pattern: '^-?[0-9]{1,19}$' };
const LONG = { anyOf: [{ type: 'integer', format: 'int64' }, DIGITS] };
const FLOATING = { anyOf: [{ type: 'number' }, { enum: ['NaN', 'Infinity', '-Infinity'] }] };
const INSTANT = { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'integer' }] };
const LOCAL = {
  type: 'string',
  pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,6})?Z?$',
};

const PRIMITIVES: Readonly<Record<string, JsonSchema>> = {
  null: { type: 'null' },
  boolean: { type: 'boolean' },
  int: INT,
  long: LONG,
  float: FLOATING,
  double: FLOATING,
  string: { type: 'string' },
  bytes: { type: 'string', contentEncoding: 'base64' },
};

const LOGICAL: Readonly<Record<string, JsonSchema>> = {
  uuid: { type: 'string', format: 'uuid' },
  date: { type: 'string', format: 'date' },
  'time-millis': { type: 'integer', minimum: 0, maximum: 86_399_999 },
  'time-micros': { anyOf: [{ type: 'integer', minimum: 0, maximum: 86_399_999_999 }, DIGITS] },
  'timestamp-millis': INSTANT,
  'timestamp-micros': { anyOf: [...INSTANT.anyOf, DIGITS] },
  'local-timestamp-millis': { anyOf: [LOCAL, { type: 'integer' }] },
  'local-timestamp-micros': { anyOf: [LOCAL, { type: 'integer' }, DIGITS] },
};

/**
 * The JSON Schemas of event types as the producer takes them in JSON (docs/adr/0004-schema-subjects-and-value-mapping.md), by
 * the full names of their records, and of every named type in them. They refer to each other under `#/components/schemas/`.
 */
export function payloadSchemas(events: readonly EventType[]): Record<string, JsonSchema> {
  const named: Record<string, JsonSchema> = {};
  for (const { schema } of events) toJsonSchema(schema, '', named);
  return named;
}

function toJsonSchema(avro: unknown, namespace: string, named: Record<string, JsonSchema>): JsonSchema {
  if (Array.isArray(avro)) return { anyOf: avro.map((branch) => toJsonSchema(branch, namespace, named)) };
  if (typeof avro === 'string') return PRIMITIVES[avro] ?? schemaRef(fullName(avro, namespace));
  const type = avro as AvroObject;
  switch (type['type']) {
    case 'record':
    case 'enum':
    case 'fixed':
      return define(type, namespace, named);
    case 'array':
      return { type: 'array', items: toJsonSchema(type['items'], namespace, named) };
    case 'map':
      return { type: 'object', additionalProperties: toJsonSchema(type['values'], namespace, named) };
    default:
      return logicalSchema(type) ?? toJsonSchema(type['type'], namespace, named);
  }
}

function define(type: AvroObject, enclosing: string, named: Record<string, JsonSchema>): JsonSchema {
  const own = type['namespace'];
  const name = fullName(String(type['name']), typeof own === 'string' ? own : enclosing);
  const namespace = name.slice(0, Math.max(0, name.lastIndexOf('.')));
  // Before its fields: a recursive record refers to itself.
  named[name] = {};
  const described = typeof type['doc'] === 'string' ? { description: type['doc'] } : {};
  named[name] = { ...shapeOf(type, namespace, named), ...described };
  return schemaRef(name);
}

function shapeOf(type: AvroObject, namespace: string, named: Record<string, JsonSchema>): JsonSchema {
  if (type['type'] === 'enum') return { enum: type['symbols'] };
  if (type['type'] === 'fixed') {
    const size = Number(type['size']);
    const length = { minLength: Math.ceil((size * 4) / 3), maxLength: Math.ceil(size / 3) * 4 };
    return logicalSchema(type) ?? { type: 'string', contentEncoding: 'base64', ...length };
  }
  const fields = type['fields'] as readonly AvroObject[];
  return {
    type: 'object',
    properties: Object.fromEntries(
      fields.map((field) => [field['name'], fieldSchema(field, namespace, named)]),
    ),
    required: fields.filter((field) => !('default' in field)).map((field) => field['name']),
    additionalProperties: false,
  };
}

function fieldSchema(field: AvroObject, namespace: string, named: Record<string, JsonSchema>): JsonSchema {
  const schema = toJsonSchema(field['type'], namespace, named);
  return typeof field['doc'] === 'string' ? { ...schema, description: field['doc'] } : schema;
}

function logicalSchema(type: AvroObject): JsonSchema | undefined {
  const name = String(type['logicalType']);
  if (name !== 'decimal') return LOGICAL[name];
  const scale = Number(type['scale'] ?? 0);
  const whole = Number(type['precision']) - scale;
  const digits = scale === 0 ? '' : `(\\.[0-9]{1,${scale}})?`;
  const text = { type: 'string', pattern: `^-?0*[0-9]{1,${Math.max(1, whole)}}${digits}$` };
  return { anyOf: [text, { type: 'number' }] };
}

function fullName(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
}
