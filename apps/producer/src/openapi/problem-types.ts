import { problemUrn, schemaRef } from '@millrace/documents';
import type { JsonSchema, ProblemType } from '@millrace/documents';

/** Every problem of the guide to publishing. A spec compares the two. */
export const problemTypes: readonly ProblemType[] = [
  {
    status: 400,
    name: 'json-syntax',
    meaning: 'The body, the event or the line is not valid JSON in UTF-8.',
  },
  { status: 400, name: 'json-too-deep', meaning: 'The JSON is nested too deeply.' },
  {
    status: 400,
    name: 'body-encoding',
    meaning: 'The bytes are not of the content-encoding that they name, or end too early.',
  },
  { status: 400, name: 'not-http', meaning: 'The request is not HTTP/1.1.' },
  {
    status: 404,
    name: 'event-type-not-found',
    meaning: 'No event type of that name; nearest has similar ones.',
  },
  {
    status: 404,
    name: 'outbox-not-set-aside',
    meaning: 'No event of the outbox is set aside under that number.',
  },
  { status: 404, name: 'not-found', meaning: 'No such path.' },
  { status: 408, name: 'headers-timeout', meaning: 'The headers took too long.' },
  {
    status: 408,
    name: 'body-timeout',
    meaning: 'The body of an event or a batch took too long; nothing was written.',
  },
  { status: 408, name: 'stream-stalled', meaning: 'In a stream: nothing came for too long.' },
  {
    status: 409,
    name: 'event-id-reused',
    meaning:
      'In a topic with a window: the id was published before, with other content; nothing was written.',
  },
  {
    status: 413,
    name: 'body-too-large',
    meaning: 'The body of an event or a batch is too large, as it came or inflated.',
  },
  {
    status: 413,
    name: 'event-too-large',
    meaning: 'A line of a stream or an event of a batch is larger than MAX_EVENT_BYTES.',
  },
  { status: 413, name: 'batch-too-large', meaning: 'The batch has too many events; none was taken.' },
  {
    status: 413,
    name: 'record-refused',
    meaning: 'The broker will never take the record: raise max.message.bytes of the topic, or send less.',
  },
  {
    status: 415,
    name: 'unsupported-media-type',
    meaning: 'The content type is none of those above, or the data is not JSON.',
  },
  {
    status: 415,
    name: 'encoding-not-supported',
    meaning: 'Content-encoding is neither gzip nor zstd, or more than one.',
  },
  {
    status: 422,
    name: 'event-invalid',
    meaning:
      'The data does not fit the schema; errors has the path of each field, what was expected and what was there.',
  },
  { status: 422, name: 'event-envelope-invalid', meaning: 'An attribute cannot be used.' },
  { status: 422, name: 'batch-refused', meaning: 'Some events of a batch were refused for good.' },
  { status: 429, name: 'writer-full', meaning: 'Too much waits for the log already; nothing was written.' },
  {
    status: 429,
    name: 'bodies-full',
    meaning: 'The bodies of the requests under way hold too much already; nothing was written.',
  },
  { status: 429, name: 'streams-full', meaning: 'Too many streams are open.' },
  { status: 431, name: 'too-many-headers', meaning: 'More than MAX_HEADERS headers.' },
  { status: 431, name: 'headers-too-large', meaning: 'More than MAX_HEADER_BYTES of headers.' },
  { status: 503, name: 'batch-unfinished', meaning: 'Some events of a batch may be sent again.' },
  {
    status: 503,
    name: 'write-deadline',
    meaning: 'The log did not acknowledge in time (PUBLISH_TIMEOUT_MS).',
  },
  {
    status: 503,
    name: 'idempotency-unavailable',
    meaning: 'In a topic with a window: the event could not be reserved: PostgreSQL is away, for one.',
  },
  {
    status: 503,
    name: 'event-unsettled',
    meaning: 'In a topic with a window: it was sent before, and its outcome is not known yet.',
  },
  {
    status: 503,
    name: 'producer-starting',
    meaning:
      'The schemas could not be looked up yet: the registry is away, or millrace schema register was not run.',
  },
  {
    status: 503,
    name: 'topic-not-found',
    meaning: 'The topic is not in the cluster: run millrace topics apply.',
  },
  { status: 503, name: 'writer-closed', meaning: 'The producer is stopping; send it to another instance.' },
  {
    status: 503,
    name: 'producer-stopping',
    meaning: 'In a stream: the producer is stopping and has not read the rest.',
  },
  { status: 500, name: 'internal-error', meaning: 'A defect; the log has the reason under errorId.' },
];

/** Statuses whose answers have the header. */
export const WITH_RETRY_AFTER: readonly number[] = [429, 503];

const problemErrors = {
  type: 'array',
  description: 'What is wrong, by path; never a value.',
  items: {
    type: 'object',
    properties: { path: { type: 'string' }, expected: { type: 'string' }, got: { type: 'string' } },
    required: ['path', 'expected', 'got'],
    additionalProperties: false,
  },
};

/** RFC 9457, with the members of the platform's own. */
export const problemSchema: JsonSchema = {
  type: 'object',
  properties: {
    type: { enum: problemTypes.map(problemUrn) },
    title: { type: 'string' },
    status: { enum: [...new Set(problemTypes.map(({ status }) => status))] },
    detail: { type: 'string', description: 'What was expected, and what to do.' },
    instance: { type: 'string' },
    retriable: { type: 'boolean', description: 'Whether the same request can succeed later.' },
    outcome: {
      enum: ['not-written', 'unknown'],
      description: 'not-written: surely not in the log. unknown: send it again with the same source and id.',
    },
    errors: problemErrors,
    nearest: { type: 'array', items: { type: 'string' } },
    events: { type: 'array', items: schemaRef('EventOutcome') },
    summary: schemaRef('Summary'),
    errorId: { type: 'string', format: 'uuid' },
  },
  required: ['type', 'title', 'status'],
  additionalProperties: false,
};
