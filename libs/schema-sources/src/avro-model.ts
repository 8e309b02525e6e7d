/** The Avro types as the generator sees them, after names are resolved. */
export type AvroNode =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName }
  | { readonly kind: 'logical'; readonly name: LogicalName }
  | { readonly kind: 'array'; readonly items: AvroNode }
  | { readonly kind: 'map'; readonly values: AvroNode }
  | { readonly kind: 'union'; readonly branches: readonly AvroNode[] }
  | { readonly kind: 'named'; readonly fullName: string };

export interface AvroField {
  readonly name: string;
  readonly doc: string | undefined;
  readonly type: AvroNode;
  /** The default as it is written; `undefined` when the field has none. */
  readonly default: unknown;
}

/** A type with a name: a record, an enum or a fixed. */
export interface NamedType {
  readonly fullName: string;
  readonly shortName: string;
  readonly file: string;
  readonly doc: string | undefined;
  readonly shape:
    | { readonly kind: 'record'; readonly fields: readonly AvroField[] }
    | { readonly kind: 'enum'; readonly symbols: readonly string[] }
    | { readonly kind: 'fixed'; readonly size: number }
    | { readonly kind: 'logical'; readonly name: LogicalName; readonly size: number };
  /** The definition as it stands in the file, with its namespace made explicit. */
  readonly definition: Readonly<Record<string, unknown>>;
}

export const primitiveNames = [
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
] as const;
export type PrimitiveName = (typeof primitiveNames)[number];

/** Logical types that change a value's shape, with the Avro types that they may stand on. */
export const logicalBases = {
  decimal: ['bytes', 'fixed'],
  uuid: ['string', 'fixed'],
  date: ['int'],
  'time-millis': ['int'],
  'time-micros': ['long'],
  'timestamp-millis': ['long'],
  'timestamp-micros': ['long'],
  'local-timestamp-millis': ['long'],
  'local-timestamp-micros': ['long'],
} as const;
export type LogicalName = keyof typeof logicalBases;

export function isPrimitiveName(name: unknown): name is PrimitiveName {
  return (primitiveNames as readonly unknown[]).includes(name);
}

export function isLogicalName(name: unknown): name is LogicalName {
  return typeof name === 'string' && Object.hasOwn(logicalBases, name);
}

export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
