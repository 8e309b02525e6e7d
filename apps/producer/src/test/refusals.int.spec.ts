import { createKafkaClient, KafkaCluster } from '@millrace/kafka';
import { applyCatalogue, serversUnderTest, silentLogger, uniqueName } from '@millrace/testing';
import { parcels } from './parcels';
import { ProducerUnderTest } from './producer-under-test';
import type { Answer } from './producer-under-test';

const { topic, sent, weighed, catalogue } = parcels(uniqueName('parcels'));
const weight = { parcelId: 'p-1', grams: 250 };

describe('what a producer refuses', () => {
  const kafka = createKafkaClient({
    brokers: serversUnderTest().brokers,
    clientId: 'specs',
    log: silentLogger,
  });
  const cluster = new KafkaCluster(kafka);
  let producer: ProducerUnderTest;

  beforeAll(async () => {
    await applyCatalogue(catalogue);
    producer = await ProducerUnderTest.startReady(catalogue, { MAX_EVENT_BYTES: '2000' });
    expect((await producer.publish(weighed.type, weight)).status).toBe(201);
  });
  afterAll(() => Promise.all([producer.close(), cluster.close()]));

  /** The answer, with the assertion that is true of every refusal: a problem, and not one record in the log. */
  async function refused(ask: () => Promise<Answer>): Promise<Answer> {
    const before = await cluster.logBounds(topic);
    const answer = await ask();
    expect(await cluster.logBounds(topic)).toEqual(before);
    expect(answer.contentType).toMatch(/^application\/problem\+json/);
    expect(answer.body['status']).toBe(answer.status);
    return answer;
  }

  it('answers 422 with the path of every field that does not fit the schema and what was expected', async () => {
    const answer = await refused(() =>
      producer.publish(sent.type, {
        parcelId: 'p-1',
        tracking: 1.5,
        price: '1.005',
        sentAt: 'yesterday',
        customerId: 'secret-4711',
        stops: ['a', 7],
        colour: 'red',
      }),
    );
    expect(answer).toMatchObject({
      status: 422,
      body: {
        type: 'urn:millrace:problem:event-invalid',
        retriable: false,
        instance: '/v1/events/parcels.ParcelSent',
      },
    });
    const errors = answer.body['errors'] as { path: string; expected: string; got: string }[];
    expect(errors.map(({ path }) => path).toSorted()).toEqual([
      '/colour',
      '/customerId',
      '/price',
      '/scannedAt',
      '/sentAt',
      '/stops/1',
      '/tracking',
    ]);
    expect(errors).toContainEqual({
      path: '/stops/1',
      expected: 'string (of whole Unicode characters)',
      got: 'integer',
    });
    expect(errors.every(({ expected, got }) => expected !== '' && got !== '')).toBe(true);
    expect(JSON.stringify(answer.body)).not.toContain('4711');
  });

  it('answers 422 to a key that is empty', async () => {
    const answer = await refused(() => producer.publish(weighed.type, { parcelId: '', grams: 1 }));
    expect(answer).toMatchObject({
      status: 422,
      body: {
        errors: [{ path: '/parcelId', expected: 'a key of at least 1 character', got: 'empty string' }],
      },
    });
  });

  it('answers 422 to attributes that are invalid, unknown or the platform’s own, all at once', async () => {
    const answer = await refused(() =>
      producer.publish(weighed.type, weight, {
        'ce-time': 'noon',
        'ce-source': 'a b',
        'ce-type': 'parcels.ParcelSent',
        'ce-colour_2': 'red',
        'millrace-replay': 'true',
        traceparent: 'none',
      }),
    );
    expect(answer).toMatchObject({
      status: 422,
      body: { type: 'urn:millrace:problem:event-envelope-invalid' },
    });
    const errors = answer.body['errors'] as { path: string }[];
    expect(errors.map(({ path }) => path).toSorted()).toEqual([
      'header ce-colour_2',
      'header ce-source',
      'header ce-time',
      'header ce-type',
      'header millrace-replay',
      'header traceparent',
    ]);
  });

  it('answers 404 to an unknown event type, with the nearest known names', async () => {
    const answer = await refused(() => producer.publish('parcels.ParcelWeight', weight));
    expect(answer).toMatchObject({
      status: 404,
      body: {
        type: 'urn:millrace:problem:event-type-not-found',
        nearest: ['parcels.ParcelWeighed', 'parcels.ParcelSent'],
        detail: expect.stringContaining('Did you mean parcels.ParcelWeighed') as string,
      },
    });
  });

  it('answers 413 to a body above MAX_EVENT_BYTES', async () => {
    const large = { ...weight, note: 'x'.repeat(2_000) };
    expect(await refused(() => producer.publish(weighed.type, large))).toMatchObject({ status: 413 });
  });

  it.each([
    ['broken off', '{"parcelId": "p-4711"', 400, 'json-syntax'],
    ['empty', '', 400, 'json-syntax'],
    ['nested too deep', `${'['.repeat(500)}${']'.repeat(500)}`, 400, 'json-too-deep'],
  ])('answers 400 to JSON that is %s', async (_case, text, status, code) => {
    const answer = await refused(() => producer.publish(weighed.type, text));
    expect(answer).toMatchObject({ status, body: { type: `urn:millrace:problem:${code}` } });
    expect(JSON.stringify(answer.body)).not.toContain('4711');
  });

  it('answers 400 to bytes that are not UTF-8, which would become other characters', async () => {
    const latin1 = Buffer.from('{"parcelId":"München","grams":1}', 'latin1');
    const headers = { 'content-type': 'application/json' };
    const answer = await refused(() => producer.post(`/v1/events/${weighed.type}`, latin1, headers));
    expect(answer).toMatchObject({ status: 400, body: { detail: 'The JSON is not encoded in UTF-8.' } });
  });

  it.each([
    ['an event as XML', `/v1/events/${weighed.type}`, 'text/xml'],
    ['an event as a stream', `/v1/events/${weighed.type}`, 'application/x-ndjson'],
    ['a stream as JSON', '/v1/events', 'application/json'],
  ])('answers 415 to %s', async (_case, path, contentType) => {
    const answer = await refused(() =>
      producer.post(path, JSON.stringify(weight), { 'content-type': contentType }),
    );
    expect(answer.status).toBe(415);
  });

  it('answers 429 with Retry-After when as much is waiting for the log as it may hold', async () => {
    const narrow = await ProducerUnderTest.startReady(catalogue, { MAX_PENDING_EVENTS: '1' });
    try {
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => narrow.publish(weighed.type, weight)),
      );
      const full = answers.filter(({ status }) => status === 429);
      expect(full[0]).toMatchObject({
        retryAfter: '1',
        body: { type: 'urn:millrace:problem:writer-full', retriable: true },
      });
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(20 - full.length);
    } finally {
      await narrow.close();
    }
  });
});
