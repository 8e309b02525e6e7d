import type { JsonSchema } from '@millrace/documents';
import type { ColumnType, ProjectionShape } from '@millrace/projecting';

/** Names no day or number of anybody's: a value that each type takes. */
const EXAMPLES: Readonly<Record<ColumnType, unknown>> = {
  text: 'LAS',
  integer: 500,
  bigint: '9007199254740993',
  double: 12.5,
  decimal: '-12.30',
  boolean: true,
  timestamp: '2001-01-31T12:30:00.000Z',
  date: '2001-01-31',
  json: { any: 'value' },
};

const SCHEMAS: Readonly<Record<ColumnType, JsonSchema>> = {
  text: { type: 'string' },
  integer: { type: 'integer', minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  bigint: { type: 'string', pattern: '^-?[0-9]{1,19}$', description: 'A number of 64 bits, as text.' },
  double: { type: 'number' },
  decimal: { type: 'string', pattern: '^-?[0-9]+(\\.[0-9]+)?$', description: 'Exact, as text.' },
  boolean: { type: 'boolean' },
  timestamp: { type: 'string', format: 'date-time' },
  date: { type: 'string', format: 'date' },
  json: {},
};

/** A value as a parameter of a query has it: text in any case, which is read by the type. */
export function parameterSchema(type: ColumnType): JsonSchema {
  return type === 'json' ? { type: 'string' } : SCHEMAS[type];
}

/** An example of a value of that type, as an answer has it. */
export function exampleOf(type: ColumnType): unknown {
  return EXAMPLES[type];
}

/** A row as an answer has it. What `derive` adds is known only when it is computed. */
export function rowSchema(shape: ProjectionShape, derives: boolean): JsonSchema {
  const columns = shape.columns.map(({ name, type }) => [name, valueSchema(shape, type)]);
  return {
    type: 'object',
    description: derives
      ? `A row of ${shape.name}, with what is derived from it.`
      : `A row of ${shape.name}.`,
    properties: { [shape.keyName]: { type: 'string' }, ...(Object.fromEntries(columns) as object) },
    required: [shape.keyName, ...shape.columns.map(({ name }) => name)],
    additionalProperties: derives,
    examples: [exampleRow(shape)],
  };
}

function exampleRow({ keyName, columns }: ProjectionShape): Readonly<Record<string, unknown>> {
  const values = columns.map(({ name, type }) => [name, exampleOf(type)]);
  return { [keyName]: 'a-key', ...(Object.fromEntries(values) as object) };
}

/** An entity's column is null until an event sets it; JSON has no word for a double that is no number. */
function valueSchema({ kind }: ProjectionShape, type: ColumnType): JsonSchema {
  if (type === 'json') return { description: 'Any JSON.' };
  return kind === 'entity' || type === 'double'
    ? { anyOf: [SCHEMAS[type], { type: 'null' }] }
    : SCHEMAS[type];
}
