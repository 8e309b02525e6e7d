import { httpPublisher } from '@millrace/client';
import type { PublishError, Publisher } from '@millrace/client';
import { kafkaPublisher } from '@millrace/client-kafka';
import { EventCodec, RegistryClient } from '@millrace/schema-registry';
import { applyCatalogue, readLog, readRecord, serversUnderTest, uniqueName } from '@millrace/testing';
import type { StoredRecord } from '@millrace/testing';
import { parcels } from './parcels';
import { ProducerUnderTest } from './producer-under-test';

const { topic, sent, weighed, catalogue } = parcels(uniqueName('published'));
const parcel = {
  parcelId: 'p-1',
  tracking: 9_007_199_254_740_993n,
  price: '12345678901234567.89',
  sentAt: new Date('2001-01-31T10:30:00.500Z'),
  scannedAt: 980_937_000_500_001n,
  customerId: '4bf92f35-77b3-4da6-a3ce-929d0e0e4736',
  stops: ['ATL', 'BOS'],
};
const attributes = {
  source: '/scales/7',
  time: new Date('2001-01-31T10:30:00.500Z'),
  subject: 'Zürich',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  extensions: { tenant: 't1' },
};

describe('the typed client', () => {
  const { brokers, registryUrl } = serversUnderTest();
  const codec = new EventCodec(catalogue, new RegistryClient({ url: registryUrl }));
  let producer: ProducerUnderTest;

  beforeAll(async () => {
    await applyCatalogue(catalogue);
    producer = await ProducerUnderTest.startReady(catalogue);
    await codec.prepare();
  });
  afterAll(() => producer.close());

  const ways = {
    http: async () => httpPublisher({ url: producer.url, source: '/specs' }),
    kafka: () => kafkaPublisher({ brokers, registryUrl, catalogue, source: '/specs' }),
  };

  it('writes the same record over HTTP and straight to Kafka', async () => {
    const records: StoredRecord[] = [];
    for (const way of ['http', 'kafka'] as const) {
      await using publisher = await ways[way]();
      const published = await publisher.publish(sent, parcel, { ...attributes, id: 'same' });
      expect(published).toMatchObject({ id: 'same', source: '/scales/7', type: sent.type, topic });
      const record = await readRecord(published.position);
      expect(published).toMatchObject({ partition: record.partition, offset: record.offset });
      records.push(record);
    }
    const [http, kafka] = records;
    expect({ ...kafka, offset: http!.offset }).toEqual(http);
    expect(codec.decode(topic, http!.value!).value).toEqual(parcel);
    expect(http).toMatchObject({
      key: 'p-1',
      headers: { ce_tenant: 't1', traceparent: attributes.traceparent },
    });
  });

  describe.each(['http', 'kafka'] as const)('over %s', (way) => {
    let publisher: Publisher;

    beforeEach(async () => {
      publisher = await ways[way]();
    });
    afterEach(() => publisher.close());

    const publish = (id: string, value: object = { parcelId: 'p', grams: 1, note: '' }, options = {}) =>
      publisher.publish(weighed, value, { id: `${way}-${id}`, ...options });
    const failureOf = (call: Promise<unknown>) =>
      call.then(
        () => undefined,
        (error: unknown) => error as PublishError,
      );
    const idsInLog = async (prefix: string): Promise<string[]> =>
      (await readLog(topic))
        .map(({ headers }) => headers['ce_id'] ?? '')
        .filter((id) => id.startsWith(`${way}-${prefix}`));

    it('keeps the order of the calls within each key, none of which waits for another', async () => {
      const keys = ['k1', 'k2', 'k3', 'k4', 'k5'];
      const calls = Array.from({ length: 2_000 }, (_, n) => {
        const parcelId = keys[n % keys.length];
        return publish(`order-${parcelId}-${n}`, { parcelId, grams: n, note: '' });
      });
      await Promise.all(calls);
      const stored = await idsInLog('order-');
      expect(stored).toHaveLength(2_000);
      for (const key of keys) {
        const numbers = stored
          .filter((id) => id.includes(`-${key}-`))
          .map((id) => Number(id.split('-').at(-1)));
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      }
    });

    it('refuses what does not fit its schema, with the path of every field, and writes its neighbours', async () => {
      const [before, bad, after] = [
        publish('fit-1'),
        failureOf(publish('unfit', { parcelId: 'p', grams: 'heavy', note: 7 })),
        publish('fit-2'),
      ];
      const failure = await bad;
      expect(failure).toMatchObject({ code: 'PUBLISH_REFUSED', outcome: 'refused', retriable: false });
      const problem = failure?.code === 'PUBLISH_REFUSED' ? failure.problem : undefined;
      expect(problem?.errors?.map(({ path }) => path).sort()).toEqual(['/grams', '/note']);
      await Promise.all([before, after]);
      expect(await idsInLog('fit-')).toHaveLength(2);
      expect(await idsInLog('unfit')).toEqual([]);
    });

    it.each([
      ['a record that the log will never take', { parcelId: 'p', grams: 1, note: 'x'.repeat(1_200_000) }, {}],
      ['a source with a space', undefined, { source: 'a source' }],
      ['an id with a control character', undefined, { id: 'a\u0007' }],
      ['an extension that is none', undefined, { extensions: { 'Not-One': 'x' } }],
      ['an attribute as an extension', undefined, { extensions: { datacontenttype: 'x' } }],
    ])('refuses %s', async (_what, value, options) => {
      expect(await failureOf(publish('refused', value, options))).toMatchObject({
        code: 'PUBLISH_REFUSED',
        outcome: 'refused',
      });
      expect(await idsInLog('refused')).toEqual([]);
    });

    it('answers everything that it took when it is closed', async () => {
      const calls = Array.from({ length: 300 }, (_, n) => publish(`closed-${n}`));
      await publisher.close();
      expect(await failureOf(publish('closed-late'))).toMatchObject({ code: 'PUBLISHER_CLOSED' });
      expect(await Promise.all(calls)).toHaveLength(300);
      expect(await idsInLog('closed-')).toHaveLength(300);
    });
  });

  it('says which schemas are missing when it goes straight to Kafka', async () => {
    const others = parcels(uniqueName('unregistered')).catalogue;
    const opening = kafkaPublisher({ brokers, registryUrl, catalogue: others, source: '/specs' });
    await expect(opening).rejects.toMatchObject({ code: 'SCHEMA_NOT_REGISTERED' });
  });
});
