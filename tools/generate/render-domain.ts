import { eventType, namesIn, topicDefinition } from '@millrace/schema-sources';
import type { Domain, DomainTopic, NamedType } from '@millrace/schema-sources';
import { renderNamedType } from './render-types';

/** The comment on top of every generated file. */
export const generatedHeader = '// Generated from schemas/ by `npm run generate`: edits are lost.\n';

/** The constant that holds a domain's topic definitions. */
export function topicsName(domain: Domain): string {
  return `${domain.name.replaceAll(/[-_.](\w)/g, (_, letter: string) => letter.toUpperCase())}Topics`;
}

interface AllDomains {
  readonly types: ReadonlyMap<string, NamedType>;
  readonly domains: readonly Domain[];
}

/** The text of generated/<domain>.ts: interfaces, event types and topic definitions, not yet formatted. */
export function renderDomain(domain: Domain, all: AllDomains): string {
  const { types } = all;
  const declarations = domain.types
    .map((type) => renderNamedType(type, types))
    .filter((text) => text !== undefined);
  const events = domain.topics.flatMap((topic) =>
    topic.events.map((event) => renderEvent(event, topic, types)),
  );
  const topics = domain.topics.map(renderTopic);
  const imports = [
    "import type { EventType } from '../event-type';",
    "import type { TopicDefinition } from '../topic-definition';",
    ...renderImports(domain, all),
  ];
  return [
    generatedHeader,
    imports.join('\n'),
    ...declarations,
    ...events,
    `export const ${topicsName(domain)}: readonly TopicDefinition[] = [${topics.join(', ')}];\n`,
  ].join('\n\n');
}

/** The types of other domains that the interfaces of this one are made of; types alone, so that a circle is none. */
function renderImports(domain: Domain, { types, domains }: AllDomains): string[] {
  const fields = domain.types.flatMap(({ shape }) => (shape.kind === 'record' ? shape.fields : []));
  const names = new Set(fields.flatMap((field) => namesIn(field.type)));
  return domains
    .filter((other) => other !== domain)
    .flatMap((other) => {
      const used = other.types.filter(
        (type) => names.has(type.fullName) && renderNamedType(type, types) !== undefined,
      );
      const shortNames = used.map(({ shortName }) => shortName);
      return used.length === 0 ? [] : [`import type { ${shortNames.join(', ')} } from './${other.name}';`];
    });
}

function renderEvent(event: NamedType, topic: DomainTopic, types: ReadonlyMap<string, NamedType>): string {
  const { type, topic: name, subject, keyField, schema } = eventType(event, topic, types);
  const members = [
    `type: '${type}'`,
    `topic: '${name}'`,
    `subject: '${subject}'`,
    `keyField: ${keyField === undefined ? 'undefined' : `'${keyField}'`}`,
    `schema: ${JSON.stringify(schema)}`,
  ];
  return `export const ${event.shortName}: EventType<${event.shortName}> = { ${members.join(', ')} };`;
}

function renderTopic(topic: DomainTopic): string {
  const { keyField, ...definition } = topicDefinition(topic);
  const key = keyField === undefined ? 'undefined' : JSON.stringify(keyField);
  return `${JSON.stringify(definition).slice(0, -1)}, keyField: ${key} }`;
}
