import type { NamedType } from './avro-model';
import type { Domain, DomainTopic } from './domain';
import { eventSchema } from './event-schema';
import { renderNamedType } from './render-types';

/** The comment on top of every generated file. */
export const generatedHeader = '// Generated from schemas/ by `npm run generate`: edits are lost.\n';

/** The constant that holds a domain's topic definitions. */
export function topicsName(domain: Domain): string {
  return `${domain.name.replaceAll(/[-_.](\w)/g, (_, letter: string) => letter.toUpperCase())}Topics`;
}

/** The text of generated/<domain>.ts: interfaces, event types and topic definitions, not yet formatted. */
export function renderDomain(domain: Domain): string {
  const types = new Map(domain.types.map((type) => [type.fullName, type]));
  const declarations = domain.types
    .map((type) => renderNamedType(type, types))
    .filter((text) => text !== undefined);
  const events = domain.topics.flatMap((topic) =>
    topic.events.map((event) => renderEvent(event, topic, types)),
  );
  const topics = domain.topics.map(renderTopic);
  return [
    generatedHeader,
    "import type { EventType } from '../event-type';\nimport type { TopicDefinition } from '../topic-definition';",
    ...declarations,
    ...events,
    `export const ${topicsName(domain)}: readonly TopicDefinition[] = [${topics.join(', ')}];\n`,
  ].join('\n\n');
}

function renderEvent(event: NamedType, topic: DomainTopic, types: ReadonlyMap<string, NamedType>): string {
  const { name, key } = topic.declared;
  const members = [
    `type: '${event.fullName}'`,
    `topic: '${name}'`,
    `subject: '${name}-${event.fullName}'`,
    `keyField: ${key === undefined ? 'undefined' : `'${key}'`}`,
    `schema: ${JSON.stringify(eventSchema(event, types))}`,
  ];
  return `export const ${event.shortName}: EventType<${event.shortName}> = { ${members.join(', ')} };`;
}

function renderTopic({ declared, events }: DomainTopic): string {
  const { retention, key, events: _names, ...rest } = declared;
  const definition = {
    ...rest,
    retentionMs: retention,
    events: events.map((event) => event.fullName),
  };
  const text = JSON.stringify(definition);
  return `${text.slice(0, -1)}, keyField: ${key === undefined ? 'undefined' : JSON.stringify(key)} }`;
}
