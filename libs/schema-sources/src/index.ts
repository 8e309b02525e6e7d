/** Reads schemas/: what the .avsc and topics.yaml files of every domain declare, and what is wrong in them. */
export type { AvroNode, NamedType } from './avro-model';
export { catalogueOf, eventType, topicDefinition, typesByName } from './catalogue-of';
export { namesIn } from './domain';
export type { Domain, DomainTopic } from './domain';
export { readDomains } from './read-domains';
export { SchemaSourceError } from './source-problem';
export type { SourceFile, SourceProblem } from './source-problem';
