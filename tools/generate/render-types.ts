import type { AvroNode, NamedType } from '@millrace/schema-sources';

const primitiveTypes = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'bigint',
  float: 'number',
  double: 'number',
  bytes: 'Uint8Array',
  string: 'string',
} as const;

const logicalTypes = {
  decimal: 'string',
  uuid: 'string',
  date: 'string',
  'time-millis': 'number',
  'time-micros': 'bigint',
  'timestamp-millis': 'Date',
  'timestamp-micros': 'bigint',
  'local-timestamp-millis': 'Date',
  'local-timestamp-micros': 'bigint',
} as const;

/** The TypeScript declaration of a named type, or undefined for one that is written in place. */
export function renderNamedType(type: NamedType, types: ReadonlyMap<string, NamedType>): string | undefined {
  const { shape } = type;
  if (shape.kind === 'fixed' || shape.kind === 'logical') return undefined;
  const doc = renderDoc(type.doc);
  if (shape.kind === 'enum') {
    return `${doc}export type ${type.shortName} = ${shape.symbols.map((symbol) => `'${symbol}'`).join(' | ')};`;
  }
  const fields = shape.fields.map(
    (field) => `${renderDoc(field.doc)}readonly ${field.name}: ${renderNode(field.type, types)};`,
  );
  return `${doc}export interface ${type.shortName} {\n${fields.join('\n')}\n}`;
}

function renderNode(node: AvroNode, types: ReadonlyMap<string, NamedType>): string {
  switch (node.kind) {
    case 'primitive':
      return primitiveTypes[node.name];
    case 'logical':
      return logicalTypes[node.name];
    case 'array':
      return `readonly (${renderNode(node.items, types)})[]`;
    case 'map':
      return `Readonly<Record<string, ${renderNode(node.values, types)}>>`;
    case 'union':
      return node.branches.map((branch) => `(${renderNode(branch, types)})`).join(' | ');
    case 'named': {
      const type = types.get(node.fullName);
      if (type?.shape.kind === 'logical') return logicalTypes[type.shape.name];
      return type === undefined || type.shape.kind === 'fixed' ? 'Uint8Array' : type.shortName;
    }
  }
}

function renderDoc(doc: string | undefined): string {
  if (doc === undefined || doc.trim() === '') return '';
  const lines = doc.trim().replaceAll('*/', '*\\/').split('\n');
  if (lines.length === 1) return `/** ${lines[0] ?? ''} */\n`;
  return `/**\n${lines.map((line) => ` * ${line.trim()}`).join('\n')}\n */\n`;
}
