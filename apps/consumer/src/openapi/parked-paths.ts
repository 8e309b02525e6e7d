import { answer, objectOf, problem, schemaRef as ref } from '@millrace/documents';

const state = { enum: ['queued', 'dead'] };
const position = { type: 'string', description: '<topic>/<partition>/<offset>' };
const time = { type: 'string', format: 'date-time' };
const whole = { type: 'integer', minimum: 0 };

export const parkedSchemas = {
  ParkedRecord: objectOf({
    topic: { type: 'string' },
    partition: whole,
    offset: { type: 'string', pattern: '^[0-9]{1,19}$' },
    position,
    key: { type: ['string', 'null'] },
    state,
    'id?': { type: 'string' },
    'source?': { type: 'string' },
    parkedAt: time,
    'failure?': objectOf({
      reason: { enum: ['exhausted', 'permanent', 'undecodable'] },
      attempts: whole,
      failedAt: time,
      name: { type: 'string' },
      message: { type: 'string' },
    }),
    'nextAttemptAt?': { ...time, description: 'When its queue is tried again.' },
  }),
  /** What a redrive or a discard means; it has a key, positions, or `all`. */
  Decision: {
    type: 'object',
    properties: {
      state,
      key: { type: 'string', maxLength: 1_024 },
      positions: { type: 'array', items: position, minItems: 1, maxItems: 1_000 },
      all: { const: true },
    },
    additionalProperties: false,
    anyOf: [{ required: ['key'] }, { required: ['positions'] }, { required: ['all'] }],
  },
};

const group = { name: 'group', in: 'path', required: true, schema: { type: 'string' } };
const refused = {
  400: problem('What was asked for has another form.'),
  404: problem('No such group is hosted here.'),
};

function decide(operationId: string, summary: string, count: string): object {
  return {
    post: {
      operationId,
      summary,
      parameters: [group],
      requestBody: { required: true, content: { 'application/json': { schema: ref('Decision') } } },
      responses: { 200: answer('So many records.', objectOf({ [count]: whole })), ...refused },
    },
  };
}

function parameter(name: string, schema: object): object {
  return { name, in: 'query', schema };
}

/** What became of records that a group could not handle, and what people decide of them. */
export const parkedPaths = {
  '/v1/groups/{group}/parked': {
    get: {
      operationId: 'group.parked',
      summary: 'Parked records and dead letters, by topic, partition and offset.',
      parameters: [
        group,
        parameter('state', state),
        parameter('key', { type: 'string', maxLength: 1_024 }),
        parameter('after', position),
        parameter('limit', { type: 'integer', minimum: 1, maximum: 1_000, default: 100 }),
      ],
      responses: {
        200: answer(
          'One page; `next` is the position to give as `after`, absent on the last one.',
          objectOf({ records: { type: 'array', items: ref('ParkedRecord') }, 'next?': position }),
        ),
        ...refused,
      },
    },
  },
  '/v1/groups/{group}/parked/redrive': decide(
    'group.redrive',
    'Have records run again, in the order of their keys, in this group alone.',
    'redriven',
  ),
  '/v1/groups/{group}/parked/discard': decide(
    'group.discard',
    'Give records up for good; later records of their keys go on.',
    'discarded',
  ),
};
