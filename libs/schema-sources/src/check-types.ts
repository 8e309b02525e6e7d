import type { AvroNode, NamedType } from './avro-model';
import { defaultProblem } from './check-default';
import type { SourceProblem } from './source-problem';

/**
 * Checks what can only be seen when all types are known: that references lead somewhere, that no two types share a
 * TypeScript name, that every union can be told apart by its values, and that every default is a value of its type.
 * `byName` holds the types of all domains.
 */
export function checkTypes(
  types: readonly NamedType[],
  byName: ReadonlyMap<string, NamedType>,
): SourceProblem[] {
  const problems: SourceProblem[] = [];
  const shortNames = new Map<string, NamedType>();
  for (const type of types) {
    const other = shortNames.get(type.shortName);
    if (other === undefined) shortNames.set(type.shortName, type);
    else
      problems.push({
        file: type.file,
        at: 'name',
        message: `${type.fullName} and ${other.fullName} would both be called ${type.shortName} in TypeScript`,
      });
    if (type.shape.kind !== 'record') continue;
    for (const field of type.shape.fields) {
      const messages = [...checkNode(field.type, byName)];
      const unfit =
        field.default === undefined || messages.length > 0
          ? undefined
          : defaultProblem(field.type, field.default, byName);
      if (unfit !== undefined) messages.push(`its default does not fit: ${unfit}`);
      problems.push(
        ...messages.map((message) => ({ file: type.file, at: `${type.shortName}.${field.name}`, message })),
      );
    }
  }
  return problems;
}

function* checkNode(node: AvroNode, types: ReadonlyMap<string, NamedType>): Generator<string, void> {
  switch (node.kind) {
    case 'named':
      if (!types.has(node.fullName)) yield `no type is called \`${node.fullName}\` under schemas/`;
      return;
    case 'array':
      yield* checkNode(node.items, types);
      return;
    case 'map':
      yield* checkNode(node.values, types);
      return;
    case 'union':
      for (const branch of node.branches) yield* checkNode(branch, types);
      yield* checkUnion(node.branches, types);
      return;
    default:
  }
}

/** Two branches that look alike in JSON could be taken for one another: refused here rather than guessed later. */
function* checkUnion(
  branches: readonly AvroNode[],
  types: ReadonlyMap<string, NamedType>,
): Generator<string, void> {
  if (branches.length === 0) yield 'a union needs at least one type';
  const taken = new Map<string, AvroNode>();
  for (const branch of branches) {
    if (branch.kind === 'union') yield 'a union cannot stand directly in a union';
    for (const form of jsonForms(branch, types)) {
      const other = taken.get(form);
      if (other === undefined) taken.set(form, branch);
      else {
        yield `${nameOf(other)} and ${nameOf(branch)} in one union both appear as a JSON ${form} and could not be told apart: put them in separate fields`;
        break;
      }
    }
  }
}

/** The JSON types in which a value of this Avro type may appear. */
function jsonForms(node: AvroNode, types: ReadonlyMap<string, NamedType>): readonly string[] {
  switch (node.kind) {
    case 'array':
      return ['array'];
    case 'map':
      return ['object'];
    case 'union':
      return [];
    case 'logical':
      return logicalForms(node.name);
    case 'named': {
      const shape = types.get(node.fullName)?.shape;
      if (shape?.kind === 'record') return ['object'];
      return shape?.kind === 'logical' ? logicalForms(shape.name) : ['string'];
    }
    case 'primitive':
      switch (node.name) {
        case 'null':
        case 'boolean':
          return [node.name];
        case 'int':
          return ['number'];
        case 'string':
        case 'bytes':
          return ['string'];
        default:
          // Longs beyond 2^53 and the doubles that JSON lacks (NaN, Infinity) are written as strings.
          return ['number', 'string'];
      }
  }
}

function logicalForms(name: string): readonly string[] {
  if (name === 'uuid' || name === 'date') return ['string'];
  return name === 'time-millis' ? ['number'] : ['number', 'string'];
}

function nameOf(node: AvroNode): string {
  if (node.kind === 'named') return node.fullName;
  return node.kind === 'primitive' || node.kind === 'logical' ? node.name : node.kind;
}
