const number = {
  name: 'number',
  in: 'path',
  required: true,
  description: 'The number of an event that is set aside.',
  schema: { type: 'string', pattern: '^[0-9]{1,18}$' },
};
const object = (description: string): object => ({
  description,
  content: { 'application/json': { schema: { type: 'object' } } },
});
const notThere = { $ref: '#/components/responses/Problem404' };

/** What operators ask of the relay of an outbox. Without `OUTBOX_DATABASE_URL` these are 404. */
export const outboxPaths = {
  '/v1/outbox': {
    get: {
      operationId: 'outbox',
      summary: 'How far the relay is, and what it has set aside.',
      responses: { 200: object('The backlog.'), 404: notThere },
    },
  },
  '/v1/outbox/set-aside/{number}/retry': {
    post: {
      operationId: 'outbox.retry',
      summary: 'Have an event that is set aside tried once more.',
      parameters: [number],
      responses: { 202: object('It will be tried.'), 404: notThere },
    },
  },
  '/v1/outbox/set-aside/{number}/discard': {
    post: {
      operationId: 'outbox.discard',
      summary: 'Give an event that is set aside up for good.',
      parameters: [number],
      responses: { 200: object('What was discarded.'), 404: notThere },
    },
  },
};
