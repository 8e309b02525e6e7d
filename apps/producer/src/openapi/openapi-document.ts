import type { Catalogue, EventType } from '@millrace/contracts';
import { problemRefs, problemResponses, schemaRef } from '@millrace/documents';
import { eventSchemas } from './event-schemas';
import type { EventSchemaLimits } from './event-schemas';
import { outboxPaths } from './outbox-paths';
import { problemSchema, problemTypes, WITH_RETRY_AFTER } from './problem-types';

export interface OpenApiLimits extends EventSchemaLimits {
  readonly MAX_EVENT_BYTES: number;
  readonly MAX_BATCH_BYTES: number;
}

/** What the plain and the binary form say in headers; the values are percent-encoded. */
const ATTRIBUTES = ['ce-id', 'ce-source', 'ce-time', 'ce-subject', 'ce-specversion'];

/** The OpenAPI 3.1 document of the producer, with the limits and the event types that this instance has. */
export function openApiDocument(catalogue: Catalogue, limits: OpenApiLimits, version: string): object {
  const perType = catalogue.events.map((event) => [
    `/v1/events/${event.type}`,
    { post: publishPlain(event, limits) },
  ]);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Millrace producer',
      version,
      description: 'Takes events over HTTP and answers once all in-sync replicas of the log have them.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths: {
      '/v1/events': { post: publishCloudEvents(limits) },
      ...(Object.fromEntries(perType) as object),
      ...outboxPaths,
      '/v1/openapi.json': { get: document('openapi', 'This document.') },
      '/v1/asyncapi.json': { get: document('asyncapi', 'The AsyncAPI 3 document of the topics.') },
      '/metrics': { get: metrics() },
      '/health/live': { get: health('live', 'The process answers.', false) },
      '/health/ready': { get: health('ready', 'Kafka answers, and the schemas are known.', true) },
    },
    components: {
      schemas: { ...eventSchemas(catalogue, limits), Problem: problemSchema },
      responses: problemResponses(problemTypes, WITH_RETRY_AFTER),
    },
  };
}

function publishCloudEvents({ MAX_BATCH_BYTES, MAX_BATCH_EVENTS, MAX_EVENT_BYTES }: OpenApiLimits): object {
  const lines = { type: 'string', description: 'One CloudEvent in JSON a line, of any number.' };
  const answers = { type: 'string', description: 'One StreamLine a line, in the order of the lines.' };
  return {
    operationId: 'publish',
    summary: 'Publish CloudEvents: one, a batch, or a stream.',
    description:
      `An event may have ${MAX_EVENT_BYTES} bytes; a batch ${MAX_BATCH_EVENTS} events and ${MAX_BATCH_BYTES} bytes, inflated. ` +
      'In the binary form the attributes are headers, and the body is the data. The answer to a stream is 201 before its ' +
      'first line is read, whatever becomes of the events.',
    parameters: [attribute('ce-type', 'Required in the binary form.'), ...attributes(), ...requestHeaders()],
    requestBody: {
      required: true,
      content: {
        'application/cloudevents+json': { schema: schemaRef('CloudEvent') },
        'application/cloudevents-batch+json': { schema: schemaRef('CloudEventBatch') },
        'application/x-ndjson': { schema: lines },
        'application/json': {
          schema: { type: 'object', description: 'The data of one event, in the binary form.' },
        },
      },
    },
    responses: {
      201: {
        description: 'All of it is in the log; of a stream: it was begun.',
        content: {
          'application/json': { schema: { anyOf: [schemaRef('EventPlace'), schemaRef('BatchAnswer')] } },
          'application/x-ndjson': { schema: answers },
        },
      },
      ...problems(),
    },
  };
}

function publishPlain({ type, schema }: EventType, { MAX_EVENT_BYTES }: OpenApiLimits): object {
  return {
    operationId: `publish.${type}`,
    summary: typeof schema['doc'] === 'string' ? schema['doc'] : `Publish a ${type}.`,
    description: `The plain form: the body is the data alone, of at most ${MAX_EVENT_BYTES} bytes, inflated.`,
    parameters: [...attributes(), ...requestHeaders()],
    requestBody: { required: true, content: { 'application/json': { schema: schemaRef(type) } } },
    responses: {
      201: {
        description: 'The event is in the log.',
        content: { 'application/json': { schema: schemaRef('EventPlace') } },
      },
      ...problems(),
    },
  };
}

function attributes(): object[] {
  return ATTRIBUTES.map((name) => attribute(name, 'An attribute of the event; optional.'));
}

function attribute(name: string, description: string): object {
  return { name, in: 'header', description, schema: { type: 'string', minLength: 1 } };
}

function requestHeaders(): object[] {
  return [
    { name: 'content-encoding', in: 'header', schema: { enum: ['gzip', 'zstd', 'identity'] } },
    {
      name: 'traceparent',
      in: 'header',
      description: 'Of a request that is one event.',
      schema: { type: 'string' },
    },
  ];
}

function problems(): object {
  return problemRefs(problemTypes.map(({ status }) => status));
}

function document(operationId: string, description: string): object {
  const content = { 'application/json': { schema: { type: 'object' } } };
  return { operationId, summary: description, responses: { 200: { description, content } } };
}

function metrics(): object {
  const content = { 'text/plain': { schema: { type: 'string' } } };
  const responses = { 200: { description: 'Text format 0.0.4.', content } };
  return { operationId: 'metrics', summary: 'Metrics of the process for Prometheus.', responses };
}

function health(operationId: string, description: string, canFail: boolean): object {
  const content = {
    'application/json': {
      schema: { type: 'object', properties: { status: { type: 'string' } }, required: ['status'] },
    },
  };
  return {
    operationId,
    summary: description,
    responses: {
      200: { description: 'It is so.', content },
      ...(canFail ? { 503: { description: 'It is not; each check has its reason.', content } } : {}),
    },
  };
}
