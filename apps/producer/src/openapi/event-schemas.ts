import type { Catalogue, EventType } from '@millrace/contracts';
import { payloadSchemas, schemaRef } from '@millrace/documents';
import type { JsonSchema } from '@millrace/documents';
import { maxAttributeLength } from '@millrace/event';

export interface EventSchemaLimits {
  readonly MAX_BATCH_EVENTS: number;
  readonly MAX_EXTENSIONS: number;
}

const text = { type: 'string', minLength: 1, maxLength: maxAttributeLength };
const traceparent = {
  type: 'string',
  pattern: '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$',
  description: 'W3C trace context; the record has it when the trace is sampled.',
};

/** The schemas of what is sent and of what is answered, by name. */
export function eventSchemas(
  { events }: Catalogue,
  { MAX_BATCH_EVENTS, MAX_EXTENSIONS }: EventSchemaLimits,
): Record<string, JsonSchema> {
  return {
    ...payloadSchemas(events),
    CloudEvent: cloudEvent(events, MAX_EXTENSIONS),
    CloudEventBatch: { type: 'array', items: schemaRef('CloudEvent'), maxItems: MAX_BATCH_EVENTS },
    EventPlace: {
      type: 'object',
      description: 'Where the event lies in the log.',
      properties: {
        id: text,
        source: text,
        type: { enum: events.map(({ type }) => type) },
        topic: { type: 'string' },
        partition: { type: 'integer', minimum: 0 },
        offset: { type: 'string', pattern: '^[0-9]{1,19}$', description: 'A number of 64 bits, as text.' },
        position: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,249}/[0-9]{1,10}/[0-9]{1,19}$' },
      },
      required: ['id', 'source', 'type', 'topic', 'partition', 'offset', 'position'],
      additionalProperties: false,
    },
    Summary: {
      type: 'object',
      properties: { published: { type: 'integer', minimum: 0 }, refused: { type: 'integer', minimum: 0 } },
      required: ['published', 'refused'],
      additionalProperties: false,
    },
    EventOutcome: {
      description: 'What became of one event of a batch.',
      anyOf: [
        schemaRef('EventPlace'),
        {
          type: 'object',
          properties: { problem: schemaRef('Problem') },
          required: ['problem'],
          additionalProperties: false,
        },
      ],
    },
    BatchAnswer: {
      type: 'object',
      properties: {
        events: { type: 'array', items: schemaRef('EventOutcome') },
        summary: schemaRef('Summary'),
      },
      required: ['events', 'summary'],
      additionalProperties: false,
    },
    StreamLine: streamLine,
  };
}

/** In its JSON format; of the attributes only `type` is required. */
function cloudEvent(events: readonly EventType[], maxExtensions: number): JsonSchema {
  return {
    type: 'object',
    properties: {
      specversion: { const: '1.0' },
      type: { enum: events.map(({ type }) => type) },
      id: { ...text, description: 'Identifies the event within its source. Without one it gets a new UUID.' },
      source: {
        ...text,
        pattern: '^[^ ]+$',
        description: 'A URI reference. Without one: that of the service.',
      },
      time: { type: 'string', format: 'date-time' },
      subject: text,
      datacontenttype: { type: 'string', pattern: '^application/json' },
      traceparent,
      data: {},
    },
    required: ['type', 'data'],
    patternProperties: {
      '^(?!(specversion|type|id|source|time|subject|datacontenttype|traceparent|data)$)[a-z0-9]{1,50}$': {
        description: `An extension; at most ${maxExtensions}. Kept as text.`,
        type: ['string', 'boolean', 'integer', 'null'],
      },
    },
    additionalProperties: false,
    oneOf: events.map(({ type }) => ({
      properties: { type: { const: type }, data: schemaRef(type) },
    })),
  };
}

const streamLine: JsonSchema = {
  description:
    'One line of the answer to a stream: an event that is in the log, one that is not, why the rest was not read, or the end.',
  type: 'object',
  properties: {
    line: { type: 'integer', minimum: 1 },
    id: text,
    position: { type: 'string' },
    problem: schemaRef('Problem'),
    summary: schemaRef('Summary'),
  },
  oneOf: [{ required: ['line', 'id', 'position'] }, { required: ['problem'] }, { required: ['summary'] }],
  additionalProperties: false,
};
