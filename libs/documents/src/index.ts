/** Describes a catalogue in the words of other standards: JSON Schema and AsyncAPI. */
export { asyncApiDocument } from './async-api';
export type { AsyncApiOptions } from './async-api';
export { schemaRef } from './json-schema';
export type { JsonSchema } from './json-schema';
export { payloadSchemas } from './payload-schemas';
