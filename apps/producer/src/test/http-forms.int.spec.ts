import { CloudEvent, HTTP, Kafka } from 'cloudevents';
import type { Message } from 'cloudevents';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { EventCodec, RegistryClient } from '@millrace/schema-registry';
import { applyCatalogue, readLog, readRecord, serversUnderTest, uniqueName } from '@millrace/testing';
import { parcels } from './parcels';
import { ProducerUnderTest } from './producer-under-test';
import type { Answer } from './producer-under-test';

const { topic, weighed, catalogue } = parcels(uniqueName('parcels'));
const data = { parcelId: 'p-1', grams: 250 };
const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';
const STRUCTURED = { 'content-type': 'application/cloudevents+json' };
const BATCH = { 'content-type': 'application/cloudevents-batch+json; charset=utf-8' };

const event = (id: string, more: object = {}): object => ({
  specversion: '1.0',
  type: weighed.type,
  source: '/scales/7',
  id,
  data,
  ...more,
});

describe('CloudEvents over HTTP', () => {
  let producer: ProducerUnderTest;
  const codec = new EventCodec(catalogue, new RegistryClient({ url: serversUnderTest().registryUrl }));

  beforeAll(async () => {
    await applyCatalogue(catalogue);
    producer = await ProducerUnderTest.startReady(catalogue);
    await codec.prepare();
  });
  afterAll(() => producer.close());

  const post = (body: unknown, headers: Record<string, string>): Promise<Answer> =>
    producer.post('/v1/events', typeof body === 'string' ? body : JSON.stringify(body), headers);

  const binary = (headers: Record<string, string>): Promise<Answer> =>
    post(data, {
      'content-type': 'application/json; charset=utf-8',
      'ce-specversion': '1.0',
      'ce-type': weighed.type,
      'ce-source': '/scales/7',
      ...headers,
    });

  /** The answer names the place of the record; the record has the key, the data and these headers. */
  async function expectStored(body: Record<string, unknown>, headers: Record<string, string>): Promise<void> {
    const { partition, offset, position } = body;
    expect(position).toBe(`${topic}/${String(partition)}/${String(offset)}`);
    const record = await readRecord(String(position));
    expect(record.key).toBe(data.parcelId);
    expect(codec.decode(topic, record.value!).value).toEqual({ ...data, note: '' });
    expect(record.headers).toEqual({
      ce_specversion: '1.0',
      ce_type: weighed.type,
      'content-type': 'application/avro',
      ce_time: expect.any(String) as string,
      ...headers,
    });
  }

  const everything = {
    time: '2001-01-31T12:30:00Z',
    subject: 'Zürich "€"',
    dataschema: 'https://schemas.example/weighed',
    datacontenttype: 'application/json',
    partitionkey: 'p-1',
    traceparent: `${TRACE}-01`,
    sequence: 7,
    urgent: true,
  };
  const everythingStored = {
    ce_source: '/scales/7',
    ce_time: '2001-01-31T12:30:00.000Z',
    ce_subject: 'Zürich "€"',
    ce_dataschema: 'https://schemas.example/weighed',
    ce_partitionkey: 'p-1',
    ce_traceparent: `${TRACE}-01`,
    traceparent: `${TRACE}-01`,
    ce_sequence: '7',
    ce_urgent: 'true',
  };

  it('keep every attribute in the structured form, extensions as text in headers of the record', async () => {
    const { status, body } = await post(event('structured-1', everything), STRUCTURED);
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { id: 'structured-1', source: '/scales/7' },
    });
    await expectStored(body, { ...everythingStored, ce_id: 'structured-1' });
  });

  it('keep every attribute in the binary form, percent-decoded', async () => {
    const { status, body } = await binary({
      'ce-id': 'binary%201',
      'ce-time': '2001-01-31T12:30:00Z',
      'ce-subject': 'Z%C3%BCrich%20%22%E2%82%AC%22',
      'ce-dataschema': 'https://schemas.example/weighed',
      'ce-partitionkey': 'p-1',
      'ce-traceparent': `${TRACE}-01`,
      'ce-sequence': '7',
      'ce-urgent': 'true',
    });
    expect({ status, body }).toMatchObject({ status: 201, body: { id: 'binary 1', type: weighed.type } });
    await expectStored(body, { ...everythingStored, ce_id: 'binary 1' });
  });

  it('keep every attribute in a batch, which is answered in order', async () => {
    const ids = ['batch-1', 'batch-2', 'batch-3'];
    const { status, body } = await post(
      ids.map((id) => event(id, everything)),
      BATCH,
    );
    expect({ status, body }).toMatchObject({ status: 201, body: { summary: { published: 3, refused: 0 } } });
    const events = body['events'] as Record<string, unknown>[];
    expect(events.map(({ id }) => id)).toEqual(ids);
    for (const each of events) await expectStored(each, { ...everythingStored, ce_id: String(each['id']) });
  });

  it('keep every attribute on a line of a stream', async () => {
    const [answer] = await producer.stream(JSON.stringify(event('line-1', everything)));
    const [, partition, offset] = String(answer?.['position']).split('/');
    await expectStored({ ...answer, partition, offset }, { ...everythingStored, ce_id: 'line-1' });
  });

  it('may be no event at all: an empty batch', async () => {
    expect(await post('[]', BATCH)).toMatchObject({
      status: 201,
      body: { events: [], summary: { published: 0, refused: 0 } },
    });
  });

  it('take the trace of the request for that of the event, when the trace is sampled', async () => {
    const traced = await binary({ 'ce-id': 't-1', traceparent: `${TRACE}-01` });
    await expectStored(traced.body, { ce_id: 't-1', ce_source: '/scales/7', traceparent: `${TRACE}-01` });
    const untraced = await binary({ 'ce-id': 't-2', traceparent: `${TRACE}-00` });
    await expectStored(untraced.body, { ce_id: 't-2', ce_source: '/scales/7' });
  });

  it('that are good are taken from a batch with bad ones, which have their problems in their places', async () => {
    const { status, contentType, body } = await post(
      `[${JSON.stringify(event('mixed-1'))}, {"type": tru}, ${JSON.stringify(event('mixed-2', { data: {} }))},
        ${JSON.stringify(event('mixed-3', { type: 'parcels.ParcelLost' }))}, 7, ${JSON.stringify(event('mixed-4'))}]`,
      BATCH,
    );
    expect({ status, contentType }).toEqual({
      status: 422,
      contentType: expect.stringContaining('application/problem+json') as string,
    });
    expect(body).toMatchObject({
      type: 'urn:millrace:problem:batch-refused',
      detail: expect.stringContaining('2 of 6 events are in the log') as string,
      retriable: false,
      summary: { published: 2, refused: 4 },
      events: [
        { id: 'mixed-1' },
        { problem: { status: 400, type: 'urn:millrace:problem:json-syntax' } },
        { problem: { status: 422, type: 'urn:millrace:problem:event-invalid' } },
        { problem: { status: 404, type: 'urn:millrace:problem:event-type-not-found' } },
        { problem: { status: 422, type: 'urn:millrace:problem:event-envelope-invalid' } },
        { id: 'mixed-4' },
      ],
    });
    const stored = (await readLog(topic)).map(({ headers }) => headers['ce_id'] ?? '');
    expect(stored.filter((id) => id.startsWith('mixed-'))).toEqual(['mixed-1', 'mixed-4']);
  });

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])('come compressed with %s in every form', async (encoding, compress) => {
    const headers = { 'content-encoding': encoding };
    const send = (body: unknown, more: Record<string, string>, path = '/v1/events') =>
      producer.post(path, new Uint8Array(compress(JSON.stringify(body))), { ...headers, ...more });
    const id = `compressed-${encoding}`;
    const single = await send(event(id), STRUCTURED);
    await expectStored(single.body, { ce_id: id, ce_source: '/scales/7' });
    const json = { 'content-type': 'application/json' };
    expect(await send(data, { ...json, 'ce-type': weighed.type })).toMatchObject({ status: 201 });
    expect(await send(data, json, `/v1/events/${weighed.type}`)).toMatchObject({ status: 201 });
    expect(await send([event(id)], BATCH)).toMatchObject({ status: 201 });

    const lines = Array.from({ length: 5_000 }, (_, index) => JSON.stringify(event(`${id}-${index}`))).join(
      '\n',
    );
    const answers = await producer.stream(new Uint8Array(compress(lines)), headers);
    expect(answers.at(-1)).toEqual({ summary: { published: 5_000, refused: 0 } });
  });

  describe('of the CloudEvents SDK', () => {
    const sdkEvent = (id: string) =>
      new CloudEvent({
        id,
        type: weighed.type,
        source: '/sdk',
        time: '2001-01-31T12:30:00.000Z',
        subject: 'p-1',
        data,
        partitionkey: 'p-1',
        comexampleextension: 'kept',
      });

    const send = ({ headers, body }: Message): Promise<Answer> =>
      post(body, headers as Record<string, string>);

    it.each([
      ['binary', (id: string) => send(HTTP.binary(sdkEvent(id)))],
      ['structured', (id: string) => send(HTTP.structured(sdkEvent(id)))],
      ['batch', (id: string) => post([sdkEvent(id), sdkEvent(`${id}-2`)], BATCH)],
    ])('are sent in %s mode and read by the SDK out of the log', async (mode, publish) => {
      const id = `sdk-${mode}`;
      const { status, body } = await publish(id);
      expect({ status, body }).toMatchObject({ status: 201 });
      const first = (body['events'] as Record<string, unknown>[] | undefined)?.[0] ?? body;
      const { key, value, headers } = await readRecord(String(first['position']));
      const message = { key: key!, value: value!, body: value!, headers };
      const read = Kafka.toEvent(message) as CloudEvent<Buffer>;
      expect(read.validate()).toBe(true);
      expect(read).toMatchObject({
        id,
        type: weighed.type,
        source: '/sdk',
        time: '2001-01-31T12:30:00.000Z',
        subject: 'p-1',
        datacontenttype: 'application/avro',
        partitionkey: 'p-1',
        comexampleextension: 'kept',
      });
      expect(codec.decode(topic, read.data!).value).toEqual({ ...data, note: '' });
    });
  });
});
