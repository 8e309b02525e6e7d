import type { JsonSchema } from '@millrace/documents';
import { applyCatalogue, uniqueName } from '@millrace/testing';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parcels } from './parcels';
import { ProducerUnderTest } from './producer-under-test';

const { sent, weighed, catalogue } = parcels(uniqueName('described'));
const weight = { parcelId: 'p-1', grams: 250 };
const parcel = {
  parcelId: 'p-1',
  tracking: '9007199254740993',
  price: '1.05',
  sentAt: '2001-01-31T12:30:00Z',
  scannedAt: 5,
  customerId: '4bf92f35-77b3-4da6-a3ce-929d0e0e4736',
};
const event = (data: unknown, more: object = {}) => ({
  type: weighed.type,
  source: '/specs',
  id: 'e',
  data,
  ...more,
});
const json = 'application/json';

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, unknown>>; readonly $ref?: string }>
  >;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly responses: Readonly<Record<string, unknown>> };
}

// Whatever the server really answers is looked up in the document that it serves, so that the document cannot lie.
describe('what a producer says of itself', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats(ajv);
  let producer: ProducerUnderTest;
  let document: Document;

  beforeAll(async () => {
    await applyCatalogue(catalogue);
    const settings = { MAX_EVENT_BYTES: '2000', MAX_BATCH_EVENTS: '3', MAX_HEADERS: '30' };
    producer = await ProducerUnderTest.startReady(catalogue, settings);
    document = (await (await fetch(`${producer.url}/v1/openapi.json`)).json()) as Document;
    ajv.addSchema({ $id: 'https://specs.test/document', ...document });
  });
  afterAll(() => producer.close());

  /** What a value lacks to be what stands at that place of the document. */
  function faults(value: unknown, pointer: readonly string[]): unknown[] {
    const path = pointer
      .map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'))
      .map(encodeURIComponent);
    const validate = ajv.compile({
      $ref: `https://specs.test/document#/${path.join('/')}`,
    } satisfies JsonSchema);
    return validate(value) ? [] : (validate.errors ?? []);
  }

  async function ask(
    method: string,
    path: string,
    { body, headers }: { body?: string; headers?: Record<string, string> } = {},
  ) {
    const response = await fetch(`${producer.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body }),
      headers: headers ?? {},
    });
    const text = await response.text();
    const mediaType = response.headers.get('content-type')?.split(';')[0] ?? '';
    return { status: String(response.status), mediaType, text, response };
  }

  /** The answer fits what the document says of this operation, status and media type. */
  async function expectDescribed(
    method: string,
    path: string,
    request: { body?: string; headers?: Record<string, string> } = {},
  ) {
    const answer = await ask(method, path, request);
    const { status, mediaType, text } = answer;
    const operation = document.paths[path]?.[method.toLowerCase()];
    const described = operation?.responses[status];
    expect({ status, isDescribed: described !== undefined }).toEqual({ status, isDescribed: true });
    const at =
      described?.$ref === undefined
        ? ['paths', path, method.toLowerCase(), 'responses', status]
        : described.$ref.slice(2).split('/');
    const content = (
      described?.$ref === undefined ? described : document.components.responses[at[2] ?? '']
    ) as {
      content: object;
    };
    expect(Object.keys(content.content)).toContain(mediaType);
    const value: unknown = /[/+]json$/.test(mediaType) ? JSON.parse(text) : text;
    expect(faults(value, [...at, 'content', mediaType, 'schema'])).toEqual([]);
    return answer;
  }

  const plain = `/v1/events/${weighed.type}`;
  const structured = (body: object) => ({
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/cloudevents+json' },
  });
  const batch = (events: readonly unknown[]) => ({
    body: JSON.stringify(events),
    headers: { 'content-type': 'application/cloudevents-batch+json' },
  });

  it.each([
    ['201', 'POST', plain, { body: JSON.stringify(weight), headers: { 'content-type': json } }],
    [
      '201',
      'POST',
      `/v1/events/${sent.type}`,
      { body: JSON.stringify(parcel), headers: { 'content-type': json } },
    ],
    ['422', 'POST', plain, { body: '{"grams":"heavy"}', headers: { 'content-type': json } }],
    [
      '422',
      'POST',
      plain,
      { body: JSON.stringify(weight), headers: { 'content-type': json, 'ce-time': 'noon' } },
    ],
    ['400', 'POST', plain, { body: '{', headers: { 'content-type': json } }],
    ['400', 'POST', plain, { body: '['.repeat(80), headers: { 'content-type': json } }],
    ['400', 'POST', plain, { body: '{}', headers: { 'content-type': json, 'content-encoding': 'gzip' } }],
    [
      '413',
      'POST',
      plain,
      { body: JSON.stringify({ ...weight, note: 'x'.repeat(3_000) }), headers: { 'content-type': json } },
    ],
    ['415', 'POST', plain, { body: '{}', headers: { 'content-type': 'text/plain' } }],
    ['415', 'POST', plain, { body: '{}', headers: { 'content-type': json, 'content-encoding': 'br' } }],
    ['201', 'POST', '/v1/events', structured(event(weight))],
    ['404', 'POST', '/v1/events', structured({ ...event(weight), type: 'parcels.ParcelLost' })],
    ['422', 'POST', '/v1/events', structured(event({}))],
    ['201', 'POST', '/v1/events', batch([event(weight), event(weight)])],
    ['422', 'POST', '/v1/events', batch([event(weight), event({}), 'none'])],
    ['413', 'POST', '/v1/events', batch([1, 2, 3, 4])],
    ['415', 'POST', '/v1/events', { body: 'x', headers: { 'content-type': 'text/plain' } }],
    ['201', 'POST', '/v1/events', { body: '', headers: { 'content-type': 'application/x-ndjson' } }],
    ['200', 'GET', '/v1/openapi.json', {}],
    ['200', 'GET', '/v1/asyncapi.json', {}],
    ['200', 'GET', '/metrics', {}],
    ['200', 'GET', '/health/live', {}],
    ['200', 'GET', '/health/ready', {}],
    ['404', 'GET', '/v1/outbox', {}],
  ])('is true of the answer %s to %s %s (%#)', async (status, method, path, request) => {
    expect((await expectDescribed(method, path, request)).status).toBe(status);
  });

  it('is true of each line that a stream is answered', async () => {
    const lines = [JSON.stringify(event(weight)), 'oops', JSON.stringify(event({}))].join('\n');
    const answers = await producer.stream(lines);
    expect(answers).toHaveLength(4);
    for (const answer of answers) expect(faults(answer, ['components', 'schemas', 'StreamLine'])).toEqual([]);
  });

  it.each([
    ['an event', event(weight), true],
    ['an event with extensions', event(weight, { tenant: 't', attempt: 3, test: true, subject: 's' }), true],
    ['an event of another specification', event(weight, { specversion: '0.3' }), false],
    ['an event without data', event(undefined), false],
    ['an event whose payload does not fit', event({ parcelId: 7 }), false],
    ['an event of no known type', { ...event(weight), type: 'parcels.ParcelLost' }, false],
    ['an attribute that may not be', event(weight, { 'Not-One': 'x' }), false],
    ['a source with a space', event(weight, { source: 'a source' }), false],
    ['a time that is none', event(weight, { time: 'noon' }), false],
    ['a time of a day that does not exist', event(weight, { time: '2001-02-30T12:00:00+01:00' }), false],
    ['something else', 'an event', false],
  ])('takes what it says that it takes: %s', async (_what, body, isValid) => {
    const { status } = await ask('POST', '/v1/events', structured(body as object));
    expect([
      faults(JSON.parse(JSON.stringify(body)), ['components', 'schemas', 'CloudEvent']).length === 0,
      status === '201',
    ]).toEqual([isValid, isValid]);
  });
});
