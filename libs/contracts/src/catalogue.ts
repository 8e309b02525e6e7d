import type { EventType } from './event-type';
import type { TopicDefinition } from './topic-definition';
import type { Upcaster } from './upcaster';

/** The topics of a system with the event types in them. A value that is passed around: tests build their own. */
export interface Catalogue {
  readonly topics: readonly TopicDefinition[];
  readonly events: readonly EventType[];
  /** What every reader lifts older versions with, in this order. Default: none. */
  readonly upcasters?: readonly Upcaster[];
}

/** The event type of this full name, or undefined. */
export function findEventType(catalogue: Catalogue, type: string): EventType | undefined {
  return catalogue.events.find((event) => event.type === type);
}

/** The topic of this name, or undefined. */
export function findTopic(catalogue: Catalogue, name: string): TopicDefinition | undefined {
  return catalogue.topics.find((topic) => topic.name === name);
}

/** The event types that may be in a topic; none when the topic is unknown. */
export function eventTypesOf(catalogue: Catalogue, topic: string): readonly EventType[] {
  return catalogue.events.filter((event) => event.topic === topic);
}
