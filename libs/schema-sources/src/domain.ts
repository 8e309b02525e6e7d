import { checkTypes } from './check-types';
import type { AvroNode, NamedType } from './avro-model';
import { parseSchemas } from './parse-schemas';
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

/** Reads one domain's files and checks them against each other; `problems` is empty when the domain can be used. */
export function readDomain(
  name: string,
  files: readonly SourceFile[],
): { domain: Domain; problems: SourceProblem[] } {
  const { types, problems } = parseSchemas(files.filter((file) => file.path.endsWith('.avsc')));
  problems.push(...checkTypes(types));
  const topicsFile = files.find((file) => file.path.endsWith('/topics.yaml'));
  if (topicsFile === undefined) {
    problems.push({
      file: `schemas/${name}`,
      at: '',
      message: 'has no topics.yaml that says which topic its events go to',
    });
    return { domain: { name, types, topics: [] }, problems };
  }
  const parsed = parseTopicsFile(topicsFile);
  problems.push(...parsed.problems);
  const topics = parsed.topics.map((declared, index) => ({
    declared,
    events: resolveEvents(declared, types, (message, field) =>
      problems.push({ file: topicsFile.path, at: `topics[${index}].${field}`, message }),
    ),
  }));
  if (parsed.problems.length === 0) problems.push(...unusedTypes(types, topics));
  return { domain: { name, types, topics }, problems };
}

function resolveEvents(
  topic: DeclaredTopic,
  types: readonly NamedType[],
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
      else if (!canBeKey(field.type, types)) {
        report(
          `\`${topic.key}\` of ${event.fullName} must be a string, a uuid, an enum, an int or a long, and not nullable`,
          'key',
        );
      }
    }
    return [event];
  });
}

function canBeKey(node: AvroNode, types: readonly NamedType[]): boolean {
  if (node.kind === 'primitive') return ['string', 'int', 'long'].includes(node.name);
  if (node.kind === 'logical') return node.name === 'uuid';
  return (
    node.kind === 'named' && types.find((type) => type.fullName === node.fullName)?.shape.kind === 'enum'
  );
}

/** A record that no topic carries and no other type uses is a forgotten line in topics.yaml, or a dead file. */
function unusedTypes(types: readonly NamedType[], topics: readonly DomainTopic[]): SourceProblem[] {
  const used = new Set(topics.flatMap((topic) => topic.events.map((event) => event.fullName)));
  const visit = (node: AvroNode): void => {
    if (node.kind === 'named') used.add(node.fullName);
    if (node.kind === 'array') visit(node.items);
    if (node.kind === 'map') visit(node.values);
    if (node.kind === 'union') node.branches.forEach(visit);
  };
  for (const { shape } of types) {
    if (shape.kind === 'record') shape.fields.forEach((field) => visit(field.type));
  }
  return types
    .filter((type) => !used.has(type.fullName))
    .map((type) => ({
      file: type.file,
      at: '',
      message: `${type.fullName} is in no topic and used by no other type: name it under \`events\` of a topic, or delete it`,
    }));
}
