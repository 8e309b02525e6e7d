import { PermanentError } from '@millrace/delivery';
import { waitFor } from '@millrace/testing';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { TrialConsumer } from './trial-consumer';

type Operation = { readonly responses: Readonly<Record<string, { readonly content: object }>> };

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

// Whatever the server really answers is looked up in the document that it serves, so that the document cannot lie.
describe('what a consumer says of itself', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats(ajv);
  let trial: TrialConsumer;
  let document: Document;

  beforeAll(async () => {
    trial = await TrialConsumer.create({ retry: { attempts: 1_000, initialMs: 20, maxMs: 100 } });
    trial.before = async ({ id }) => {
      if (id === 'bad') throw new Error('the seat map is closed');
      if (id === 'wrong') throw new PermanentError('there is no such flight');
    };
    await trial.order(0, 'bad');
    await trial.order(1, 'wrong');
    await trial.order(1, 'behind');
    await trial.start();
    trial.meter.breakerChanged('mail', 'half-open');
    document = (await trial.get('/v1/openapi.json')).body as Document;
    ajv.addSchema({ $id: 'https://specs.test/document', ...document });
    await waitFor('a partition to be held', async () => (await trial.shown(0))?.state === 'held');
    await waitFor('a dead letter and a record behind it', async () => (await trial.parked()).length === 2);
  });
  afterAll(() => trial.remove());

  it.each([
    ['GET', '/v1/groups', '200'],
    ['GET', '/v1/groups/{group}', '200'],
    ['GET', '/v1/groups/unheard-of', '404'],
    ['GET', '/v1/groups/{group}/parked', '200'],
    ['GET', '/v1/groups/{group}/parked?limit=none', '400'],
    ['GET', '/v1/groups/unheard-of/parked', '404'],
    ['POST', '/v1/groups/{group}/parked/redrive', '200'],
    ['POST', '/v1/groups/{group}/parked/discard', '200'],
    ['POST', '/v1/groups/unheard-of/parked/discard', '404'],
    ['GET', '/v1/openapi.json', '200'],
    ['GET', '/metrics', '200'],
    ['GET', '/health/live', '200'],
    ['GET', '/health/ready', '503'],
  ])('is true of the answer to %s %s: %s', async (method, asked, status) => {
    const post = { method, body: '{"key":"nobody"}', headers: { 'content-type': 'application/json' } };
    const answer = await trial.read(
      asked.replace('{group}', trial.group.name),
      method === 'POST' ? post : undefined,
    );
    const path = asked.replace('unheard-of', '{group}').replace(/\?.*/, '');
    const operation = document.paths[path]?.[method.toLowerCase()];
    const mediaType = answer.type?.split(';')[0] ?? '';
    expect(String(answer.status)).toBe(status);
    expect(Object.keys(operation?.responses[status]?.content ?? {})).toEqual([mediaType]);
    const pointer = ['paths', path, method.toLowerCase(), 'responses', status, 'content', mediaType, 'schema']
      .map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
      .map(encodeURIComponent);
    const validate = ajv.compile({ $ref: `https://specs.test/document#/${pointer.join('/')}` });
    const value: unknown = mediaType.endsWith('json') ? JSON.parse(answer.text) : answer.text;
    validate(value);
    expect(validate.errors ?? []).toEqual([]);
  });
});
