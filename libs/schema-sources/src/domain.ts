import { checkTypes } from './check-types';
import type { AvroNode, NamedType } from './avro-model';
import type { SourceFile, SourceProblem } from './source-problem';
import { parseTopicsFile } from './topics-file';
import type { DeclaredTopic } from './topics-file';

/** A topic with the event types in it. */
export interface DomainTopic {
  readonly declared: DeclaredTopic;
  readonly events: readonly NamedType[];
}

/** What schemas/<name>/ declares. */
export interface Domain {
  readonly name: string;
  readonly types: readonly NamedType[];
  readonly topics: readonly DomainTopic[];
}

/** A domain of which only the types were read. */
export interface ParsedDomain {
  readonly name: string;
  readonly files: readonly SourceFile[];
  readonly types: readonly NamedType[];
}

/**
 * Reads a domain's topics and checks its files against each other and against the types of all domains; without
 * problems the domain can be used.
 */
export function readDomain(
  { name, files, types }: ParsedDomain,
  all: ReadonlyMap<string, NamedType>,
): { domain: Domain; problems: SourceProblem[] } {
  const problems = checkTypes(types, all);
  const topicsFile = files.find((file) => file.path.endsWith('/topics.yaml'));
  if (topicsFile === undefined) {
    problems.push({
      file: `schemas/${name}`,
      at: '',
      message:
        'has no topics.yaml that says which topic its events go to; `topics: []` in it if there are none',
    });
    return { domain: { name, types, topics: [] }, problems };
  }
  const parsed = parseTopicsFile(topicsFile);
  problems.push(...parsed.problems);
  const topics = parsed.topics.map((declared, index) => ({
    declared,
    events: resolveEvents({ topic: declared, types, all }, (message, field) =>
      problems.push({ file: topicsFile.path, at: `topics[${index}].${field}`, message }),
    ),
  }));
  return { domain: { name, types, topics }, problems };
}

interface TopicInDomain {
  readonly topic: DeclaredTopic;
  readonly types: readonly NamedType[];
  readonly all: ReadonlyMap<string, NamedType>;
}

function resolveEvents(
  { topic, types, all }: TopicInDomain,
  report: (message: string, field: string) => void,
): NamedType[] {
  return topic.events.flatMap((name, index): NamedType[] => {
    const place = `events[${index}]`;
    const event = types.find((type) => type.fullName === name || type.shortName === name);
    if (event?.shape.kind !== 'record') {
      const known = types.filter((type) => type.shape.kind === 'record').map((type) => type.shortName);
      report(
        `no record is called \`${name}\` in this domain; there are ${known.join(', ') || 'none'}`,
        place,
      );
      return [];
    }
    if (topic.key !== undefined) {
      const field = event.shape.fields.find((candidate) => candidate.name === topic.key);
      if (field === undefined) report(`${event.fullName} has no field \`${topic.key}\``, 'key');
      else if (!canBeKey(field.type, all)) {
        report(
          `\`${topic.key}\` of ${event.fullName} must be a string, a uuid, an enum, an int or a long, and not nullable`,
          'key',
        );
      }
    }
    return [event];
  });
}

function canBeKey(node: AvroNode, types: ReadonlyMap<string, NamedType>): boolean {
  if (node.kind === 'primitive') return ['string', 'int', 'long'].includes(node.name);
  if (node.kind === 'logical') return node.name === 'uuid';
  return node.kind === 'named' && types.get(node.fullName)?.shape.kind === 'enum';
}

/** A type that no topic carries and no other type uses is a forgotten line in topics.yaml, or a dead file. */
export function unusedTypes(domains: readonly Domain[]): SourceProblem[] {
  const types = domains.flatMap((domain) => domain.types);
  const events = domains.flatMap(({ topics }) => topics.flatMap((topic) => topic.events));
  const used = new Set(events.map(({ fullName }) => fullName));
  for (const { shape } of types) {
    if (shape.kind !== 'record') continue;
    for (const field of shape.fields) namesIn(field.type).forEach((name) => used.add(name));
  }
  return types
    .filter((type) => !used.has(type.fullName))
    .map((type) => ({
      file: type.file,
      at: '',
      message: `${type.fullName} is in no topic and used by no other type: name it under \`events\` of a topic, or delete it`,
    }));
}

/** The full names of the types that a type is made of. */
export function namesIn(node: AvroNode): string[] {
  switch (node.kind) {
    case 'named':
      return [node.fullName];
    case 'array':
      return namesIn(node.items);
    case 'map':
      return namesIn(node.values);
    case 'union':
      return node.branches.flatMap(namesIn);
    default:
      return [];
  }
}
