import { problemUrn } from '@millrace/documents';
import type { JsonSchema, ProblemType } from '@millrace/documents';
import { parkedSchema } from './parked-schema';

/** Every problem of the guide to projections. A spec compares the two. */
export const problemTypes: readonly ProblemType[] = [
  { status: 400, name: 'invalid-query', meaning: 'A parameter has a value that cannot be used.' },
  { status: 400, name: 'unknown-column', meaning: 'A filter or sort names no column; known has them.' },
  {
    status: 400,
    name: 'not-served',
    meaning: 'No index serves the filters and the sort; key, indexes and queryable say what is served.',
  },
  { status: 400, name: 'invalid-position', meaning: 'A position is not <topic>/<partition>/<offset>.' },
  { status: 400, name: 'invalid-cursor', meaning: 'The cursor is none that this projection has given.' },
  { status: 400, name: 'cursor-mismatch', meaning: 'The cursor goes with other filters or another sort.' },
  { status: 400, name: 'value-refused', meaning: 'A key has a character that no text can have.' },
  { status: 400, name: 'not-http', meaning: 'The request is not HTTP/1.1.' },
  { status: 404, name: 'projection-not-found', meaning: 'No such projection is hosted here.' },
  { status: 404, name: 'row-not-found', meaning: 'No row under this key, up to the positions given.' },
  { status: 404, name: 'not-found', meaning: 'No such path.' },
  {
    status: 409,
    name: 'not-yet-projected',
    meaning: 'The positions of at-least were not reached in time; positions has those that were.',
  },
  {
    status: 410,
    name: 'cursor-version',
    meaning: 'The cursor is of another version than the live one: begin again without it.',
  },
  { status: 431, name: 'headers-too-large', meaning: 'More than MAX_HEADER_BYTES of headers and path.' },
  { status: 503, name: 'live-version', meaning: 'The live build is of a version that is not hosted here.' },
  { status: 503, name: 'projection-starting', meaning: 'The servers have not been reached yet.' },
  { status: 503, name: 'query-timeout', meaning: 'The query took longer than QUERY_TIMEOUT_MS.' },
  { status: 503, name: 'queries-full', meaning: 'Too many queries wait for a connection.' },
  { status: 503, name: 'too-many-waiting', meaning: 'Too many queries wait with at-least.' },
  { status: 503, name: 'kafka-unavailable', meaning: 'Kafka cannot be reached.' },
  { status: 503, name: 'database-unavailable', meaning: 'PostgreSQL cannot be reached.' },
  { status: 500, name: 'internal-error', meaning: 'A defect; the log has the reason under errorId.' },
];

/** Statuses whose answers have the header. */
export const WITH_RETRY_AFTER: readonly number[] = [409, 503];

const names = { type: 'array', items: { type: 'string' } };

/** RFC 9457, with the members of the platform's own. */
export const problemSchema: JsonSchema = {
  type: 'object',
  properties: {
    type: { enum: problemTypes.map(problemUrn) },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string', description: 'What was expected, and what to do.' },
    instance: { type: 'string' },
    retriable: { type: 'boolean', description: 'Whether the same request can succeed later.' },
    known: { ...names, description: 'The projections, or the columns, that there are.' },
    positions: { ...names, description: 'Where the read model stands.' },
    key: { type: 'string' },
    parked: parkedSchema,
    indexes: { type: 'array', items: names },
    queryable: names,
    errorId: { type: 'string', format: 'uuid' },
  },
  required: ['type', 'title', 'status'],
  additionalProperties: false,
};
