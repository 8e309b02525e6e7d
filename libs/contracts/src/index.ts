export { crashPoint } from './crash-point';
export type { CrashPointName } from './crash-point';
export { findEventType, findTopic, eventTypesOf } from './catalogue';
export type { Catalogue } from './catalogue';
export type { AvroRecordSchema, EventType, EventValue } from './event-type';
export { noLogger } from './logger';
export type { Logger } from './logger';
export { MillraceError } from './millrace-error';
export type { ErrorContext, MillraceErrorOptions } from './millrace-error';
export { orAborted } from './or-aborted';
export { toJson } from './to-json';
export type { JsonValue } from './to-json';
export type { CleanupPolicy, Compatibility, TopicDefinition } from './topic-definition';
export { defineUpcaster, isWrittenWith } from './upcaster';
export type { FieldMarks, Upcaster } from './upcaster';

// <generated> by `npm run generate` from schemas/: what stands between the two marks is rewritten.
export { catalogue } from './generated/catalogue';
export { FlightDeparted, FlightLanded } from './generated/flights';
// </generated>
