// One table of every rule of the specification, in its order: cut in two, nobody would see what is missing.
import type { CompatibilityRule } from '../compatibility/broken-rule';

type Fields = readonly Record<string, unknown>[];
type Value = Record<string, unknown>;

/** One change of a schema, what Avro says of it in both directions, and values to try it with. */
export interface SchemaChange {
  readonly what: string;
  readonly before: Fields;
  readonly after: Fields;
  /** The rule that keeps the new schema from reading what the old one wrote; undefined when it reads it. */
  readonly backward?: CompatibilityRule;
  /** The same for the old schema and what the new one writes. */
  readonly forward?: CompatibilityRule;
  /** Where the broken rule is said to be. */
  readonly path?: string;
  /** A value of the old schema, and what the new one makes of it. */
  readonly upgrade?: readonly [Value, Value];
  /** A value of the new schema, and what the old one makes of it. */
  readonly downgrade?: readonly [Value, Value];
}

const id = { name: 'id', type: 'string' };
const x = (type: unknown, more: object = {}): Fields => [{ name: 'x', type, ...more }];
const record = (name: string, fields: Fields, more: object = {}): object => ({
  type: 'record',
  name,
  fields,
  ...more,
});
const size = (symbols: readonly string[], more: object = {}): object => ({
  type: 'enum',
  name: 'Size',
  symbols,
  ...more,
});
const fixed = (bytes: number, more: object = {}): object => ({
  type: 'fixed',
  name: 'Hash',
  size: bytes,
  ...more,
});
const logical = (type: string, logicalType: string, more: object = {}): object => ({
  type,
  logicalType,
  ...more,
});
const decimal = (precision: number, scale: number): object =>
  logical('bytes', 'decimal', { precision, scale });
const millis = logical('long', 'timestamp-millis');
const micros = logical('long', 'timestamp-micros');
const large = 2n ** 62n;

const fieldChanges: SchemaChange[] = [
  {
    what: 'a field added with a default',
    before: [id],
    after: [id, ...x('int', { default: 7 })],
    upgrade: [{ id: 'a' }, { id: 'a', x: 7 }],
    downgrade: [{ id: 'a', x: 1 }, { id: 'a' }],
  },
  {
    what: 'a field added without a default',
    before: [id],
    after: [id, ...x('int')],
    backward: 'field-without-default',
    path: 'fields.x',
    downgrade: [{ id: 'a', x: 1 }, { id: 'a' }],
  },
  {
    what: 'a field removed that had a default',
    before: [id, ...x('int', { default: 7 })],
    after: [id],
    upgrade: [{ id: 'a', x: 1 }, { id: 'a' }],
    downgrade: [{ id: 'a' }, { id: 'a', x: 7 }],
  },
  {
    what: 'a field removed that had none',
    before: [id, ...x('int')],
    after: [id],
    forward: 'field-without-default',
    path: 'fields.x',
    upgrade: [{ id: 'a', x: 1 }, { id: 'a' }],
  },
  {
    what: 'fields in another order',
    before: [id, ...x('int')],
    after: [...x('int'), id],
    upgrade: [
      { id: 'a', x: 1 },
      { x: 1, id: 'a' },
    ],
    downgrade: [
      { x: 1, id: 'a' },
      { id: 'a', x: 1 },
    ],
  },
  {
    what: 'a field renamed without an alias',
    before: [id, ...x('int')],
    after: [id, { name: 'y', type: 'int' }],
    backward: 'field-without-default',
    forward: 'field-without-default',
  },
  {
    what: 'a field renamed with an alias, which the old readers do not know',
    before: [id, ...x('int')],
    after: [id, { name: 'y', type: 'int', aliases: ['x'] }],
    forward: 'field-without-default',
    path: 'fields.x',
    upgrade: [
      { id: 'a', x: 1 },
      { id: 'a', y: 1 },
    ],
  },
  {
    what: 'a field renamed with an alias that had a default',
    before: [id, ...x('int', { default: 7 })],
    after: [id, { name: 'y', type: 'int', default: 8, aliases: ['x'] }],
    upgrade: [
      { id: 'a', x: 1 },
      { id: 'a', y: 1 },
    ],
    downgrade: [
      { id: 'a', y: 1 },
      { id: 'a', x: 7 },
    ],
  },
  {
    what: 'a default changed, or taken away from a field that stays',
    before: x('int', { default: 7 }),
    after: x('int'),
    upgrade: [{ x: 1 }, { x: 1 }],
    downgrade: [{ x: 1 }, { x: 1 }],
  },
  {
    what: 'one alias for two former fields',
    before: [
      { name: 'a', type: 'int', default: 0 },
      { name: 'b', type: 'int', default: 0 },
    ],
    after: [{ name: 'c', type: 'int', default: 0, aliases: ['a', 'b'] }],
    backward: 'field-alias-ambiguous',
    path: 'fields.c',
    downgrade: [{ c: 1 }, { a: 0, b: 0 }],
  },
];

/** From, to, a value before and after: `to` reads `from`, and not the other way round. */
const widenings: readonly (readonly [string, string, unknown, unknown])[] = [
  ['int', 'long', 7, 7n],
  ['int', 'float', 7, 7],
  ['int', 'double', -7, -7],
  ['long', 'float', 2n ** 62n, 2 ** 62],
  ['long', 'double', -(2n ** 60n), -(2 ** 60)],
  ['float', 'double', 0.5, 0.5],
];

const promotions: SchemaChange[] = [
  ...widenings.flatMap(([narrow, wide, value, read]): SchemaChange[] => [
    {
      what: `${narrow} to ${wide}`,
      before: x(narrow),
      after: x(wide),
      forward: 'type-mismatch',
      path: 'fields.x.type',
      upgrade: [{ x: value }, { x: read }],
    },
    {
      what: `${wide} to ${narrow}`,
      before: x(wide),
      after: x(narrow),
      backward: 'type-mismatch',
      downgrade: [{ x: value }, { x: read }],
    },
  ]),
  {
    what: 'string to bytes',
    before: x('string'),
    after: x('bytes'),
    upgrade: [{ x: 'ä' }, { x: Buffer.from('ä') }],
    downgrade: [{ x: Buffer.from('ä') }, { x: 'ä' }],
  },
  ...(
    [
      ['int', 'string'],
      ['boolean', 'int'],
      ['null', 'string'],
      ['double', 'string'],
      ['string', size(['S'])],
      ['bytes', fixed(4)],
      [
        { type: 'array', items: 'int' },
        { type: 'map', values: 'int' },
      ],
      ['string', record('Inner', [id])],
    ] as const
  ).map(([from, to]): SchemaChange => ({
    what: `${JSON.stringify(from)} to ${JSON.stringify(to)}`,
    before: x(from),
    after: x(to),
    backward: 'type-mismatch',
    forward: 'type-mismatch',
    path: 'fields.x.type',
  })),
];

const namedChanges: SchemaChange[] = [
  {
    what: 'an enum symbol added, without a default of the enum',
    before: x(size(['S'])),
    after: x(size(['S', 'M'])),
    forward: 'enum-symbols-missing',
    path: 'fields.x.type.symbols',
    upgrade: [{ x: 'S' }, { x: 'S' }],
  },
  {
    what: 'an enum symbol added, where the enum has a default',
    before: x(size(['S', 'OTHER'], { default: 'OTHER' })),
    after: x(size(['S', 'OTHER', 'M'], { default: 'OTHER' })),
    upgrade: [{ x: 'S' }, { x: 'S' }],
    downgrade: [{ x: 'M' }, { x: 'OTHER' }],
  },
  {
    what: 'an enum symbol added together with the default, which the old readers do not have',
    before: x(size(['S', 'OTHER'])),
    after: x(size(['S', 'OTHER', 'M'], { default: 'OTHER' })),
    forward: 'enum-symbols-missing',
    upgrade: [{ x: 'S' }, { x: 'S' }],
  },
  {
    what: 'an enum symbol removed, without a default of the enum',
    before: x(size(['S', 'M'])),
    after: x(size(['S'])),
    backward: 'enum-symbols-missing',
    downgrade: [{ x: 'S' }, { x: 'S' }],
  },
  {
    what: 'an enum symbol removed, where the new enum has a default',
    before: x(size(['S', 'M'])),
    after: x(size(['S'], { default: 'S' })),
    upgrade: [{ x: 'M' }, { x: 'S' }],
    downgrade: [{ x: 'S' }, { x: 'S' }],
  },
  {
    what: 'enum symbols in another order',
    before: x(size(['S', 'M'])),
    after: x(size(['M', 'S'])),
    upgrade: [{ x: 'M' }, { x: 'M' }],
    downgrade: [{ x: 'M' }, { x: 'M' }],
  },
  {
    what: 'an enum renamed without an alias',
    before: x(size(['S'])),
    after: x(size(['S'], { name: 'Format' })),
    backward: 'name-mismatch',
    forward: 'name-mismatch',
    path: 'fields.x.type',
  },
  {
    what: 'an enum renamed with an alias',
    before: x(size(['S'])),
    after: x(size(['S'], { name: 'Format', aliases: ['Size'] })),
    forward: 'name-mismatch',
    upgrade: [{ x: 'S' }, { x: 'S' }],
  },
  {
    what: 'an enum moved to another namespace',
    before: x(size(['S'])),
    after: x(size(['S'], { namespace: 'elsewhere' })),
    upgrade: [{ x: 'S' }, { x: 'S' }],
    downgrade: [{ x: 'S' }, { x: 'S' }],
  },
  {
    what: 'a fixed of another size',
    before: x(fixed(4)),
    after: x(fixed(8)),
    backward: 'fixed-size-mismatch',
    forward: 'fixed-size-mismatch',
    path: 'fields.x.type.size',
  },
  {
    what: 'a fixed renamed without an alias',
    before: x(fixed(4)),
    after: x(fixed(4, { name: 'Digest' })),
    backward: 'name-mismatch',
    forward: 'name-mismatch',
  },
  {
    what: 'a fixed renamed with an alias of its full name',
    before: x(fixed(2)),
    after: x(fixed(2, { name: 'Digest', aliases: ['specs.Hash'] })),
    forward: 'name-mismatch',
    upgrade: [{ x: Buffer.from([1, 2]) }, { x: Buffer.from([1, 2]) }],
  },
  {
    what: 'a nested record renamed without an alias',
    before: x(record('Inner', [id])),
    after: x(record('Other', [id])),
    backward: 'name-mismatch',
    forward: 'name-mismatch',
  },
  {
    what: 'a nested record renamed with an alias',
    before: x(record('Inner', [id])),
    after: x(record('Other', [id], { aliases: ['Inner'] })),
    forward: 'name-mismatch',
    upgrade: [{ x: { id: 'a' } }, { x: { id: 'a' } }],
  },
];

const unionChanges: SchemaChange[] = [
  {
    what: 'a type that becomes a union with null',
    before: x('long'),
    after: x(['null', 'long']),
    forward: 'union-branch-missing',
    path: 'fields.x.type',
    upgrade: [{ x: large }, { x: large }],
  },
  {
    what: 'a union that becomes its one type',
    before: x(['null', 'long']),
    after: x('long'),
    backward: 'union-branch-missing',
    downgrade: [{ x: 1n }, { x: 1n }],
  },
  {
    what: 'a union with one more branch',
    before: x(['null', 'string']),
    after: x(['null', 'string', 'int']),
    forward: 'union-branch-missing',
    upgrade: [{ x: 'a' }, { x: 'a' }],
  },
  {
    what: 'a union with one branch less',
    before: x(['null', 'string', 'int']),
    after: x(['null', 'string']),
    backward: 'union-branch-missing',
    downgrade: [{ x: null }, { x: null }],
  },
  {
    what: 'union branches in another order',
    before: x(['null', 'string']),
    after: x(['string', 'null']),
    upgrade: [{ x: 'a' }, { x: 'a' }],
    downgrade: [{ x: null }, { x: null }],
  },
  {
    what: 'a union whose branch is promoted',
    before: x(['null', 'int']),
    after: x(['null', 'long']),
    forward: 'union-branch-missing',
    upgrade: [{ x: 7 }, { x: 7n }],
  },
  {
    what: 'a record inside a union with a field more, which is named',
    before: x(['null', record('Inner', [id])]),
    after: x(['null', record('Inner', [id, { name: 'y', type: 'int' }])]),
    backward: 'field-without-default',
    path: 'fields.x.type[1].fields.y',
    downgrade: [{ x: { id: 'a', y: 1 } }, { x: { id: 'a' } }],
  },
];

const logicalChanges: SchemaChange[] = [
  {
    what: 'milliseconds to microseconds',
    before: x(millis),
    after: x(micros),
    backward: 'logical-type-mismatch',
    forward: 'logical-type-mismatch',
    path: 'fields.x.type',
  },
  {
    what: 'milliseconds to local milliseconds',
    before: x(millis),
    after: x(logical('long', 'local-timestamp-millis')),
    backward: 'logical-type-mismatch',
    forward: 'logical-type-mismatch',
  },
  {
    what: 'a date to milliseconds, though an int is promoted to a long',
    before: x(logical('int', 'date')),
    after: x(millis),
    backward: 'logical-type-mismatch',
    forward: 'logical-type-mismatch',
  },
  {
    what: 'a long to milliseconds',
    before: x('long'),
    after: x(millis),
    upgrade: [{ x: 1000n }, { x: new Date(1000) }],
    downgrade: [{ x: new Date(1000) }, { x: 1000n }],
  },
  {
    what: 'a string to a uuid',
    before: x('string'),
    after: x(logical('string', 'uuid')),
    upgrade: [{ x: '6f2c6f0e-9d3a-4e0c-8a53-0d7a1d4b7f10' }, { x: '6f2c6f0e-9d3a-4e0c-8a53-0d7a1d4b7f10' }],
  },
  {
    what: 'a decimal of another scale',
    before: x(decimal(9, 2)),
    after: x(decimal(9, 3)),
    backward: 'decimal-mismatch',
    forward: 'decimal-mismatch',
    path: 'fields.x.type',
  },
  {
    what: 'a decimal of another precision',
    before: x(decimal(9, 2)),
    after: x(decimal(12, 2)),
    backward: 'decimal-mismatch',
    forward: 'decimal-mismatch',
  },
  {
    what: 'milliseconds to microseconds inside a union',
    before: x(['null', millis]),
    after: x(['null', micros]),
    backward: 'logical-type-mismatch',
    forward: 'logical-type-mismatch',
    path: 'fields.x.type[1]',
  },
  {
    what: 'an unknown logical type, which is passed over',
    before: x('long'),
    after: x(logical('long', 'made-up')),
    upgrade: [{ x: 1n }, { x: 1n }],
    downgrade: [{ x: 1n }, { x: 1n }],
  },
];

const tree = (fields: Fields): Fields =>
  x(record('Tree', [{ name: 'next', type: ['null', 'Tree'], default: null }, ...fields]));

const nestedChanges: SchemaChange[] = [
  {
    what: 'the items of an array promoted',
    before: x({ type: 'array', items: 'int' }),
    after: x({ type: 'array', items: 'long' }),
    forward: 'type-mismatch',
    path: 'fields.x.type.items',
    upgrade: [{ x: [1, 2] }, { x: [1n, 2n] }],
  },
  {
    what: 'the values of a map that become nullable',
    before: x({ type: 'map', values: 'string' }),
    after: x({ type: 'map', values: ['null', 'string'] }),
    forward: 'union-branch-missing',
    path: 'fields.x.type.values',
    upgrade: [{ x: { a: 'b' } }, { x: { a: 'b' } }],
  },
  {
    what: 'a field of a record in an array, without a default',
    before: x({ type: 'array', items: record('Line', [id]) }),
    after: x({ type: 'array', items: record('Line', [id, { name: 'y', type: 'int' }]) }),
    backward: 'field-without-default',
    path: 'fields.x.type.items.fields.y',
    downgrade: [{ x: [{ id: 'a', y: 1 }] }, { x: [{ id: 'a' }] }],
  },
  {
    what: 'a field with a default in a record that holds itself',
    before: tree([]),
    after: tree([{ name: 'y', type: 'int', default: 3 }]),
    upgrade: [{ x: { next: { next: null } } }, { x: { next: { next: null, y: 3 }, y: 3 } }],
    downgrade: [{ x: { next: null, y: 1 } }, { x: { next: null } }],
  },
  {
    what: 'a field without a default in a record that holds itself, which is said once',
    before: tree([]),
    after: tree([{ name: 'y', type: 'int' }]),
    backward: 'field-without-default',
    path: 'fields.x.type.fields.y',
    downgrade: [{ x: { next: null, y: 1 } }, { x: { next: null } }],
  },
];

/** Every rule of Avro's schema resolution, as a change that keeps it or breaks it. */
export const schemaChanges: readonly SchemaChange[] = [
  ...fieldChanges,
  ...promotions,
  ...namedChanges,
  ...unionChanges,
  ...logicalChanges,
  ...nestedChanges,
];
