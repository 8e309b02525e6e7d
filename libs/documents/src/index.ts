/** Describes the platform in the words of other standards: JSON Schema, OpenAPI and AsyncAPI. */
export { asyncApiDocument } from './async-api';
export type { AsyncApiOptions } from './async-api';
export { schemaRef } from './json-schema';
export type { JsonSchema } from './json-schema';
export { answer, objectOf, problem, problemRefs, problemResponses, problemUrn } from './open-api';
export type { ProblemType } from './open-api';
export { payloadSchemas } from './payload-schemas';
