import type { AvroRecordSchema, Catalogue, EventType, TopicDefinition } from '@millrace/contracts';
import type { NamedType } from './avro-model';
import type { Domain, DomainTopic } from './domain';
import { eventSchema } from './event-schema';

/** The types of all domains by their full names. */
export function typesByName(domains: readonly Domain[]): ReadonlyMap<string, NamedType> {
  return new Map(domains.flatMap(({ types }) => types.map((type) => [type.fullName, type] as const)));
}

/** The catalogue that these domains declare: the same as the generated one of libs/contracts, made without it. */
export function catalogueOf(domains: readonly Domain[]): Catalogue {
  const types = typesByName(domains);
  const topics = domains.flatMap((domain) => domain.topics);
  return {
    topics: topics.map(topicDefinition),
    events: topics.flatMap((topic) => topic.events.map((event) => eventType(event, topic, types))),
  };
}

/** A topic as libs/contracts has it. */
export function topicDefinition({ declared, events }: DomainTopic): TopicDefinition {
  const { retention, key, idempotency, events: _names, ...rest } = declared;
  return {
    ...rest,
    retentionMs: retention,
    ...(idempotency === undefined ? {} : { idempotency: { windowMs: idempotency.window } }),
    events: events.map(({ fullName }) => fullName),
    keyField: key,
  };
}

/** An event type as libs/contracts has it. */
export function eventType(
  event: NamedType,
  { declared: { name, key } }: DomainTopic,
  types: ReadonlyMap<string, NamedType>,
): EventType {
  return {
    type: event.fullName,
    topic: name,
    subject: `${name}-${event.fullName}`,
    keyField: key,
    schema: eventSchema(event, types) as AvroRecordSchema,
  };
}
