export { EventCodec } from './codec/event-codec';
export type { DecodedEvent, EventCodecOptions } from './codec/event-codec';
export { readWrittenBefore } from './codec/read-written-before';
export { readTopicSchemas } from './codec/topic-schemas';
export type { TopicSchemasOptions } from './codec/topic-schemas';
export type { BrokenRule, CompatibilityRule, Direction } from './compatibility/broken-rule';
export { checkCatalogue } from './compatibility/check-catalogue';
export type { EarlierSubject, SubjectReport } from './compatibility/check-catalogue';
export { checkCompatibility } from './compatibility/check-compatibility';
export type { EarlierSchema, Violation } from './compatibility/check-compatibility';
export { parseJsonPayload } from './compiled-event';
export type { ParsedPayload } from './compiled-event';
export {
  CorruptEventError,
  InvalidEventError,
  NotConfluentFramedError,
  RegistryRefusedError,
  RegistryUnreachableError,
  SchemaIncompatibleError,
  SchemaNotFoundError,
  SchemaNotLoadedError,
  SchemaNotRegisteredError,
  SchemaUnreadableError,
  UnexpectedEventTypeError,
  UnknownEventTypeError,
  UnknownUpcasterError,
  UpcastFailedError,
} from './errors';
export { eventKey } from './event-key';
export {
  JsonSyntaxError,
  JsonTooDeepError,
  maxJsonDepth,
  parseJsonLossless,
} from './json/parse-json-lossless';
export { nearestName } from './nearest-name';
export { maxProblems } from './payload-problem';
export type { PayloadProblem } from './payload-problem';
export { registerSchemas } from './registry/register-schemas';
export { readRegisteredVersions } from './registry/registered-versions';
export { RegistryClient } from './registry/registry-client';
export type { RegistryClientOptions, SchemaWithId } from './registry/registry-client';
export type { RegisteredSchema } from './registry/registered-schema';
export { RegistryHistory } from './registry/registry-history';
export type { RegistryHistoryOptions } from './registry/registry-history';
export { readRegistryIdentity, registryIdentity } from './registry/registry-identity';
export { sameSchema } from './same-schema';
export { writeJsonPayload } from './write-json-payload';
