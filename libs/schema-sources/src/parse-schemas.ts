import { isJsonObject, isLogicalName, isPrimitiveName, logicalBases } from './avro-model';
import type { AvroField, AvroNode, LogicalName, NamedType } from './avro-model';
import type { SourceFile, SourceProblem } from './source-problem';

const namePattern = /^[A-Za-z_]\w*$/;
/** Names that the generated files use themselves. */
const takenNames = new Set(['Date', 'EventType', 'Readonly', 'Record', 'TopicDefinition', 'Uint8Array']);

interface Scope {
  readonly file: string;
  readonly namespace: string | undefined;
  readonly at: string;
}

/**
 * Reads the .avsc files of one domain into named types; a file may use what another file defines, of any domain.
 * Every problem names its file and its place in the schema. References are checked by whoever follows them.
 */
export function parseSchemas(files: readonly SourceFile[]): {
  types: NamedType[];
  problems: SourceProblem[];
} {
  const parser = new SchemaParser();
  for (const file of files) parser.parseFile(file);
  return { types: [...parser.types.values()], problems: parser.problems };
}

class SchemaParser {
  readonly types = new Map<string, NamedType>();
  readonly problems: SourceProblem[] = [];

  parseFile(file: SourceFile): void {
    const scope: Scope = { file: file.path, namespace: undefined, at: '' };
    let schema: unknown;
    try {
      schema = JSON.parse(file.text);
    } catch (error) {
      this.#report(scope, `is not JSON: ${(error as Error).message}`);
      return;
    }
    if (isJsonObject(schema) && ['record', 'enum', 'fixed'].includes(schema['type'] as string)) {
      this.#node(schema, scope);
    } else {
      this.#report(scope, 'expected one record, enum or fixed at the top of the file');
    }
  }

  #node(schema: unknown, scope: Scope): AvroNode {
    if (typeof schema === 'string') return this.#reference(schema, scope);
    if (Array.isArray(schema)) {
      const branches = schema.map((branch, index) => this.#node(branch, inside(scope, `[${index}]`)));
      return { kind: 'union', branches };
    }
    if (!isJsonObject(schema)) return this.#unusable(scope, 'expected a type: a name, an object or an array');
    const type = schema['type'];
    if (type === 'array')
      return { kind: 'array', items: this.#node(schema['items'], inside(scope, 'items')) };
    if (type === 'map') return { kind: 'map', values: this.#node(schema['values'], inside(scope, 'values')) };
    if (type === 'record' || type === 'enum' || type === 'fixed') return this.#define(schema, type, scope);
    if (isPrimitiveName(type)) {
      const logical = this.#logical(schema, type, scope);
      return logical === undefined ? { kind: 'primitive', name: type } : { kind: 'logical', name: logical };
    }
    if (typeof type === 'string') {
      return this.#unusable(scope, `unknown type \`${type}\`; a reference to another type is its name alone`);
    }
    return this.#unusable(scope, '`type` inside a type must be a name: unwrap the object that it holds');
  }

  #reference(name: string, scope: Scope): AvroNode {
    if (isPrimitiveName(name)) return { kind: 'primitive', name };
    const fullName = name.includes('.') ? name : `${scope.namespace ?? ''}.${name}`;
    return { kind: 'named', fullName };
  }

  #define(schema: Record<string, unknown>, kind: 'record' | 'enum' | 'fixed', scope: Scope): AvroNode {
    const fullName = this.#fullName(schema, scope);
    if (fullName === undefined) return { kind: 'primitive', name: 'null' };
    const namespace = fullName.slice(0, fullName.lastIndexOf('.'));
    const shortName = fullName.slice(namespace.length + 1);
    const before = this.types.get(fullName);
    this.#aliases(schema, scope);
    if (before !== undefined) {
      return this.#unusable(scope, `\`${fullName}\` is already defined in ${before.file}`);
    }
    const common = {
      fullName,
      shortName,
      file: scope.file,
      doc: typeof schema['doc'] === 'string' ? schema['doc'] : undefined,
      definition: { ...schema, name: shortName, namespace },
    };
    // Registered before its fields are read, so that the order of types is the order in which they are written.
    this.types.set(fullName, { ...common, shape: { kind: 'fixed', size: 0 } });
    const inner = { ...scope, namespace };
    const shape = this.#shape(schema, kind, inner);
    this.types.set(fullName, { ...common, shape });
    return { kind: 'named', fullName };
  }

  #shape(
    schema: Record<string, unknown>,
    kind: 'record' | 'enum' | 'fixed',
    scope: Scope,
  ): NamedType['shape'] {
    if (kind === 'record') return { kind, fields: this.#fields(schema['fields'], scope) };
    if (kind === 'fixed') {
      const size = this.#size(schema['size'], scope);
      const logical = this.#logical(schema, kind, scope);
      return logical === undefined ? { kind, size } : { kind: 'logical', name: logical, size };
    }
    return { kind, symbols: this.#symbols(schema, scope) };
  }

  #size(size: unknown, scope: Scope): number {
    if (Number.isInteger(size) && (size as number) > 0) return size as number;
    this.#report(inside(scope, 'size'), 'expected a number of bytes, from 1');
    return 0;
  }

  #symbols(schema: Record<string, unknown>, scope: Scope): string[] {
    const { symbols, default: fallback } = schema;
    if (!Array.isArray(symbols) || symbols.length === 0 || !symbols.every(isName)) {
      this.#report(inside(scope, 'symbols'), 'expected a list of names');
      return [];
    }
    const twice = firstRepeated(symbols);
    if (twice !== undefined) this.#report(inside(scope, 'symbols'), `\`${twice}\` stands there twice`);
    if (fallback !== undefined && !symbols.includes(fallback as string)) {
      this.#report(inside(scope, 'default'), `expected one of the symbols, ${symbols.join(', ')}`);
    }
    return symbols;
  }

  #aliases(named: Record<string, unknown>, scope: Scope): string[] {
    const { aliases = [] } = named;
    const valid = (alias: unknown): alias is string =>
      typeof alias === 'string' && alias.split('.').every(isName);
    if (Array.isArray(aliases) && aliases.every(valid)) return aliases;
    this.#report(inside(scope, 'aliases'), 'expected a list of names');
    return [];
  }

  #fields(fields: unknown, scope: Scope): AvroField[] {
    if (!Array.isArray(fields)) {
      this.#report(inside(scope, 'fields'), 'expected a list of fields');
      return [];
    }
    const names: string[] = [];
    const parsed = fields.flatMap((field: unknown, index): AvroField[] => {
      if (!isJsonObject(field) || !isName(field['name']) || field['name'] === '__proto__') {
        this.#report(
          inside(scope, `fields[${index}]`),
          'expected an object with a usable `name` and a `type`',
        );
        return [];
      }
      const place = inside(scope, `fields.${field['name']}`);
      if (field['logicalType'] !== undefined) {
        this.#report(
          place,
          '`logicalType` has no effect beside a field: write it inside the type, as in { "type": "long", "logicalType": … }',
        );
      }
      names.push(field['name'], ...this.#aliases(field, place));
      const doc = typeof field['doc'] === 'string' ? field['doc'] : undefined;
      const type = this.#node(field['type'], inside(place, 'type'));
      return [{ name: field['name'], doc, type, default: field['default'] }];
    });
    const twice = firstRepeated(names);
    if (twice !== undefined) {
      this.#report(inside(scope, 'fields'), `\`${twice}\` is the name or an alias of two fields`);
    }
    return parsed;
  }

  #fullName(schema: Record<string, unknown>, scope: Scope): string | undefined {
    const name = schema['name'];
    if (typeof name !== 'string' || !name.split('.').every(isName)) {
      this.#report(inside(scope, 'name'), 'expected a name');
      return undefined;
    }
    const namespace = (schema['namespace'] as string | undefined) ?? scope.namespace;
    const fullName = name.includes('.') ? name : `${namespace ?? ''}.${name}`;
    const shortName = fullName.slice(fullName.lastIndexOf('.') + 1);
    if (fullName.startsWith('.')) {
      this.#report(scope, `\`${name}\` needs a \`namespace\`: topics and subjects are named by it`);
      return undefined;
    }
    if (!/^[A-Z]/.test(shortName) || takenNames.has(shortName)) {
      this.#report(
        inside(scope, 'name'),
        `\`${shortName}\` cannot become a TypeScript type: begin with a capital letter and avoid ${[...takenNames].join(', ')}`,
      );
    }
    return fullName;
  }

  /** An unknown logical type is ignored, as Avro's specification asks; a known one on the wrong type is a mistake. */
  #logical(schema: Record<string, unknown>, base: string, scope: Scope): LogicalName | undefined {
    const name = schema['logicalType'];
    if (!isLogicalName(name)) return undefined;
    const bases: readonly string[] = logicalBases[name];
    if (!bases.includes(base)) {
      this.#report(scope, `${name} must stand on ${bases.join(' or ')}, not on ${base}`);
    }
    return name;
  }

  #unusable(scope: Scope, message: string): AvroNode {
    this.#report(scope, message);
    return { kind: 'primitive', name: 'null' };
  }

  #report(scope: Scope, message: string): void {
    this.problems.push({ file: scope.file, at: scope.at, message });
  }
}

function isName(name: unknown): name is string {
  return typeof name === 'string' && namePattern.test(name);
}

function firstRepeated(names: readonly string[]): string | undefined {
  return names.find((name, index) => names.indexOf(name) !== index);
}

function inside(scope: Scope, part: string): Scope {
  const separator = scope.at === '' || part.startsWith('[') ? '' : '.';
  return { ...scope, at: `${scope.at}${separator}${part}` };
}
