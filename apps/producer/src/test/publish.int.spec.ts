import { EventCodec, RegistryClient } from '@millrace/schema-registry';
import { applyCatalogue, readLog, readRecord, serversUnderTest, uniqueName } from '@millrace/testing';
import { parcels } from './parcels';
import { ProducerUnderTest } from './producer-under-test';

const { topic, sent, weighed, catalogue } = parcels(uniqueName('parcels'));
const weight = { parcelId: 'p-1', grams: 250 };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('publishing one event', () => {
  let producer: ProducerUnderTest;
  const codec = new EventCodec(catalogue, new RegistryClient({ url: serversUnderTest().registryUrl }));

  beforeAll(async () => {
    await applyCatalogue(catalogue);
    producer = await ProducerUnderTest.startReady(catalogue);
    await codec.prepare();
  });
  afterAll(() => producer.close());

  it('answers 201 with the place where the record lies in the log, with its key, headers and framing', async () => {
    const { status, body } = await producer.publish(weighed.type, weight, {
      'ce-id': 'weighing-1',
      'ce-source': '/scales/7',
      'ce-time': '2001-01-31T12:30:00.5+02:00',
      'ce-subject': 'p-1',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: 'weighing-1',
      source: '/scales/7',
      type: 'parcels.ParcelWeighed',
      topic,
      partition: expect.any(Number) as number,
      offset: expect.stringMatching(/^\d+$/) as string,
      position: `${topic}/${String(body['partition'])}/${String(body['offset'])}`,
    });
    const record = await readRecord(String(body['position']));
    expect(record.key).toBe('p-1');
    expect(record.headers).toEqual({
      ce_specversion: '1.0',
      ce_id: 'weighing-1',
      ce_type: 'parcels.ParcelWeighed',
      ce_source: '/scales/7',
      ce_time: '2001-01-31T10:30:00.500Z',
      ce_subject: 'p-1',
      'content-type': 'application/avro',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    });
    expect(record.value?.[0]).toBe(0);
    const decoded = codec.decode(topic, record.value!);
    expect(decoded.value).toEqual({ ...weight, note: '' });
    expect(record.value?.readUInt32BE(1)).toBe(decoded.schemaId);
  });

  it('gives an event without attributes a new id, its own source and the present time', async () => {
    const before = Date.now();
    const { body } = await producer.publish(weighed.type, weight);
    expect(body).toMatchObject({
      id: expect.stringMatching(UUID) as string,
      source: '/millrace/producer',
    });
    const headers = (await readRecord(String(body['position']))).headers;
    expect(headers).toMatchObject({ ce_id: body['id'], ce_source: '/millrace/producer' });
    const time = Date.parse(headers['ce_time'] ?? '');
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
    expect(headers).not.toHaveProperty('ce_subject');
    expect(headers).not.toHaveProperty('traceparent');
  });

  it('leaves the trace context of a trace that is not sampled out of the record', async () => {
    const { body } = await producer.publish(weighed.type, weight, {
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00',
    });
    expect((await readRecord(String(body['position']))).headers).not.toHaveProperty('traceparent');
  });

  it('writes the same id twice when it is published twice: readers drop the repeat', async () => {
    const publish = () =>
      producer.publish(weighed.type, { ...weight, parcelId: 'p-2' }, { 'ce-id': 'again' });
    const [first, second] = [await publish(), await publish()];
    expect([first.status, second.status]).toEqual([201, 201]);
    const records = (await readLog(topic)).filter(({ headers }) => headers['ce_id'] === 'again');
    expect(records.map(({ offset }) => String(offset))).toEqual([
      first.body['offset'],
      second.body['offset'],
    ]);
  });

  it('keeps longs beyond 2^53, decimals, timestamps and uuids exact from the request to the reader', async () => {
    const { status, body } = await producer.publish(
      sent.type,
      `{"parcelId":"p-3","tracking":9223372036854775807,"price":"123456789012345678.90",
        "sentAt":"2001-01-31T12:30:00.123+01:00","scannedAt":"2001-01-31T11:30:00.123456Z",
        "customerId":"0b51cb0d-9d52-4b43-a3a8-4e4c6e8ad3f1"}`,
    );
    expect({ status, body }).toMatchObject({ status: 201 });
    const record = await readRecord(String(body['position']));
    expect(codec.decode(topic, record.value!).value).toEqual({
      parcelId: 'p-3',
      tracking: 9223372036854775807n,
      price: '123456789012345678.90',
      sentAt: new Date('2001-01-31T11:30:00.123Z'),
      scannedAt: 980_940_600_123_456n,
      customerId: '0b51cb0d-9d52-4b43-a3a8-4e4c6e8ad3f1',
      stops: [],
    });
  });

  it('keeps the events of one key in the order of their acknowledgements', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `step-${index}`);
    for (const id of ids)
      await producer.publish(weighed.type, { ...weight, parcelId: 'p-4' }, { 'ce-id': id });
    const records = (await readLog(topic)).filter(({ key }) => key === 'p-4');
    expect(records.map(({ headers }) => headers['ce_id'])).toEqual(ids);
    expect(new Set(records.map(({ partition }) => partition)).size).toBe(1);
  });

  it('has nothing to warn of when the service starts, publishes and stops as it should', async () => {
    const another = await ProducerUnderTest.startReady(catalogue);
    expect(await another.publish(weighed.type, weight)).toMatchObject({ status: 201 });
    await another.close();
    expect(another.logged()).toEqual([]);
  });
});
