import { answer, objectOf, problem, schemaRef as ref } from '@millrace/documents';
import { parkedPaths, parkedSchemas } from './parked-paths';

/** Of the HTTP API: its paths begin with it. */
const API_VERSION = '1.0.0';

const offset = { type: 'string', pattern: '^[0-9]{1,19}$', description: 'A 64-bit number as text.' };
const orUnknown = (schema: object, description: string): object => ({
  anyOf: [schema, { type: 'null' }],
  description: `${description} null when this process does not know.`,
});
const amount = { type: 'number', minimum: 0 };
const whole = { type: 'integer', minimum: 0 };
const schemas = {
  Partition: objectOf({
    topic: { type: 'string' },
    partition: whole,
    state: {
      enum: ['opening', 'running', 'waiting', 'held', 'halted', 'stalled', 'closed', 'elsewhere'],
      description:
        'What this process does with it; stalled: nothing, although the log goes on; elsewhere: another process holds it, or nobody does.',
    },
    'reason?': { type: 'string', description: 'Why it stands still here.' },
    nextOffset: { ...offset, description: 'The first offset that is not done, as text.' },
    logEnd: offset,
    lag: { ...offset, description: 'Records of the log that are not done, as text.' },
    lagSeconds: orUnknown(amount, 'Age of the first record that is not done; 0 when there is none.'),
    recordsPerSecond: orUnknown(amount, 'Of this process, over the last minute.'),
    parked: {
      ...objectOf({
        ...{ keys: whole, records: whole, dead: whole },
        oldestDeadSeconds: {
          anyOf: [amount, { type: 'null' }],
          description: 'How long ago the oldest dead letter failed; null when there is none.',
        },
      }),
      description: 'Keys whose records wait in queues, these records, and the dead letters that are kept.',
    },
  }),
  Group: objectOf({
    name: { type: 'string' },
    kind: { enum: ['transactional', 'external'], description: 'What its handlers do.' },
    lagObjectiveSeconds: orUnknown(amount, 'How far behind it may be, as the group declares it.'),
    replaySafe: {
      type: 'boolean',
      description: 'Whether its handlers may be given records again by a replay.',
    },
    state: { enum: ['starting', 'joined', 'rejoining', 'stopped'], description: 'Of this process.' },
    'reason?': { type: 'string', description: 'Why it is not joined.' },
    partitions: { type: 'array', items: ref('Partition') },
    breakers: {
      type: 'object',
      additionalProperties: { enum: ['closed', 'half-open', 'open'] },
      description: 'Of this process, by dependency.',
    },
  }),
  Groups: objectOf({ groups: { type: 'array', items: ref('Group') } }),
  Problem: {
    type: 'object',
    properties: {
      type: { type: 'string' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string', description: 'What was expected, and what to do.' },
      instance: { type: 'string' },
      retriable: { type: 'boolean', description: 'Whether the same request can succeed later.' },
      known: { type: 'array', items: { type: 'string' }, description: 'The groups that are hosted here.' },
    },
    required: ['type', 'title', 'status'],
  },
  Health: { type: 'object', properties: { status: { type: 'string' } }, required: ['status'] },
};

const unavailable = problem('Kafka or PostgreSQL does not answer.');

/** The OpenAPI 3.1 document of a consumer: the same for every one. */
export const openApiDocument = {
  openapi: '3.1.0',
  info: {
    title: 'Millrace consumer',
    version: API_VERSION,
    description:
      'Hosts consumer groups. Positions, lag and what is parked are of all members of a group, the rest is of this process.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  servers: [{ url: '/' }],
  paths: {
    '/v1/groups': {
      get: {
        operationId: 'groups',
        summary: 'The groups that this process hosts.',
        responses: { 200: answer('They are these.', ref('Groups')), 503: unavailable },
      },
    },
    '/v1/groups/{group}': {
      get: {
        operationId: 'group',
        summary: 'One group.',
        parameters: [{ name: 'group', in: 'path', required: true, schema: { type: 'string' } }],
        responses: {
          200: answer('It is so.', ref('Group')),
          404: problem('No such group is hosted here.'),
          503: unavailable,
        },
      },
    },
    ...parkedPaths,
    '/v1/openapi.json': {
      get: {
        operationId: 'openapi',
        summary: 'This document.',
        responses: { 200: answer('OpenAPI 3.1.', { type: 'object' }) },
      },
    },
    '/metrics': {
      get: {
        operationId: 'metrics',
        summary: 'Metrics for Prometheus.',
        responses: { 200: answer('Text format 0.0.4.', { type: 'string' }, 'text/plain') },
      },
    },
    '/health/live': {
      get: {
        operationId: 'live',
        summary: 'The process answers.',
        responses: { 200: answer('It does.', ref('Health')) },
      },
    },
    '/health/ready': {
      get: {
        operationId: 'ready',
        summary: 'The servers answer, and every group is being read.',
        responses: {
          200: answer('It is so.', ref('Health')),
          503: answer('It is not; each check has its reason.', ref('Health')),
        },
      },
    },
  },
  components: { schemas: { ...schemas, ...parkedSchemas } },
};
