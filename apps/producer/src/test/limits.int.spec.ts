// One table of every limit and every bad input, with its answer: cut in two, nobody would see what is missing.
import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { createKafkaClient, KafkaCluster } from '@millrace/kafka';
import { applyCatalogue, serversUnderTest, silentLogger, uniqueName, waitFor } from '@millrace/testing';
import { parcels } from './parcels';
import { parseAnswers, ProducerUnderTest } from './producer-under-test';

const { topic, weighed, catalogue } = parcels(uniqueName('parcels'));
const SETTINGS = {
  MAX_EVENT_BYTES: '2000',
  MAX_BATCH_BYTES: '10000',
  MAX_BATCH_EVENTS: '5',
  MAX_HEADERS: '30',
  MAX_EXTENSIONS: '3',
  MAX_EXTENSION_BYTES: '100',
  MAX_HEADER_BYTES: '8000',
};
const JSON_DATA = { 'content-type': 'application/json' };
const STRUCTURED = { 'content-type': 'application/cloudevents+json' };
const BATCH = { 'content-type': 'application/cloudevents-batch+json' };
const BINARY = { ...JSON_DATA, 'ce-specversion': '1.0', 'ce-type': weighed.type };
const STREAM = { 'content-type': 'application/x-ndjson' };
const data = { parcelId: 'p-1', grams: 1 };
const event = (more: object = {}): string => JSON.stringify({ type: weighed.type, data, ...more });
const batchOf = (count: number): string => `[${Array.from({ length: count }, () => event()).join()}]`;
const large = event({ data: { ...data, note: 'x'.repeat(2_000) } });
const deep = `${'['.repeat(100)}${']'.repeat(100)}`;
const extensions = (count: number, size: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`x${index}`, 'v'.repeat(size)]));
const headers = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, '1']));
const gzipped = (body: string) => new Uint8Array(gzipSync(body));
const GZIP = { 'content-encoding': 'gzip' };
const ZSTD = { 'content-encoding': 'zstd' };

type Body = string | Uint8Array<ArrayBuffer>;
type Row = [
  name: string,
  headers: Record<string, string>,
  body: Body,
  status: number,
  problem: string,
  told?: string,
];

const rows: Row[] = [
  ['an event above MAX_EVENT_BYTES', STRUCTURED, large, 413, 'body-too-large'],
  [
    'data above MAX_EVENT_BYTES',
    BINARY,
    JSON.stringify({ ...data, note: 'x'.repeat(2_000) }),
    413,
    'body-too-large',
  ],
  ['a batch above MAX_BATCH_BYTES', BATCH, `[${' '.repeat(10_000)}]`, 413, 'body-too-large'],
  ['a batch of more than MAX_BATCH_EVENTS', BATCH, batchOf(6), 413, 'batch-too-large', '5 events'],
  [
    'gzip that inflates beyond the limit',
    { ...STRUCTURED, ...GZIP },
    gzipped(' '.repeat(9_000_000)),
    413,
    'body-too-large',
  ],
  [
    'zstd that inflates beyond the limit',
    { ...STRUCTURED, ...ZSTD },
    new Uint8Array(zstdCompressSync(' '.repeat(9_000_000))),
    413,
    'body-too-large',
  ],
  ['bytes that are not gzip', { ...STRUCTURED, ...GZIP }, event(), 400, 'body-encoding', 'gzip'],
  ['bytes that are not zstd', { ...STRUCTURED, ...ZSTD }, event(), 400, 'body-encoding', 'zstd'],
  ['gzip that was cut', { ...STRUCTURED, ...GZIP }, gzipped(event()).slice(0, -9), 400, 'body-encoding'],
  [
    'an encoding that is not known',
    { ...STRUCTURED, 'content-encoding': 'br' },
    event(),
    415,
    'encoding-not-supported',
    'gzip, zstd',
  ],
  [
    'two encodings',
    { ...STRUCTURED, 'content-encoding': 'gzip, gzip' },
    event(),
    415,
    'encoding-not-supported',
  ],
  [
    'a stream of an encoding that is not known',
    { ...STREAM, 'content-encoding': 'br' },
    event(),
    415,
    'encoding-not-supported',
  ],
  [
    'more headers than MAX_HEADERS',
    { ...STRUCTURED, ...headers(40) },
    event(),
    431,
    'too-many-headers',
    '30 headers',
  ],
  [
    'more header bytes than MAX_HEADER_BYTES',
    { ...STRUCTURED, x: 'v'.repeat(9_000) },
    event(),
    431,
    'headers-too-large',
    '8000 bytes',
  ],
  [
    'more extensions than MAX_EXTENSIONS',
    STRUCTURED,
    event(extensions(4, 1)),
    422,
    'event-envelope-invalid',
    'at most 3',
  ],
  [
    'larger extensions than MAX_EXTENSION_BYTES',
    STRUCTURED,
    event(extensions(2, 60)),
    422,
    'event-envelope-invalid',
    'at most 100 bytes',
  ],
  [
    'JSON that nests too deep',
    STRUCTURED,
    event({ data: JSON.parse(deep) as unknown }),
    400,
    'json-too-deep',
    '64',
  ],
  ['a batch that is an object', BATCH, event(), 400, 'json-syntax', 'array'],
  ['a batch that is broken off', BATCH, `[${event()}`, 400, 'json-syntax', 'not closed'],
  ['an event that is not JSON', STRUCTURED, '{"type":', 400, 'json-syntax'],
  ['an event that is none', STRUCTURED, '[]', 422, 'event-envelope-invalid', 'an event object'],
  [
    'data as bytes',
    STRUCTURED,
    event({ data: undefined, data_base64: 'AAAA' }),
    422,
    'event-envelope-invalid',
    'bytes have no fields',
  ],
  [
    'data of another media type',
    STRUCTURED,
    event({ datacontenttype: 'text/xml' }),
    422,
    'event-envelope-invalid',
    'Avro record',
  ],
  [
    'binary data of another media type',
    { ...BINARY, 'content-type': 'text/xml' },
    '<a/>',
    415,
    'unsupported-media-type',
    'Avro record',
  ],
  [
    'another version of CloudEvents',
    STRUCTURED,
    event({ specversion: '0.3' }),
    422,
    'event-envelope-invalid',
    '1.0',
  ],
  [
    'another version in a header',
    { ...BINARY, 'ce-specversion': '0.3' },
    JSON.stringify(data),
    422,
    'event-envelope-invalid',
    '1.0',
  ],
  [
    'a binary event without a type',
    { ...JSON_DATA, 'ce-specversion': '1.0' },
    JSON.stringify(data),
    422,
    'event-envelope-invalid',
    'ce-type',
  ],
  [
    'a header that is not percent-encoded',
    { ...BINARY, 'ce-subject': 'Zürich' },
    JSON.stringify(data),
    422,
    'event-envelope-invalid',
    'percent-encoded',
  ],
  [
    'an id with a line break',
    { ...BINARY, 'ce-id': 'a%0Ab' },
    JSON.stringify(data),
    422,
    'event-envelope-invalid',
    'control character',
  ],
  [
    'half of a character',
    STRUCTURED,
    event({ subject: '\ud800' }),
    422,
    'event-envelope-invalid',
    'whole Unicode',
  ],
  [
    'an extension that is an object',
    STRUCTURED,
    event({ colour: {} }),
    422,
    'event-envelope-invalid',
    'a boolean',
  ],
  [
    'an extension with a name of its own',
    STRUCTURED,
    event({ 'Colour!': 'red' }),
    422,
    'event-envelope-invalid',
    'a-z and 0-9',
  ],
  [
    'a media type that nobody knows',
    { 'content-type': 'text/xml' },
    '<a/>',
    415,
    'unsupported-media-type',
    'x-ndjson',
  ],
  ['no media type', { 'content-type': '' }, event(), 415, 'unsupported-media-type'],
  [
    'millrace- in a header of a binary event',
    { ...BINARY, 'Millrace-Replay': '1' },
    JSON.stringify(data),
    422,
    'event-envelope-invalid',
    'millrace-',
  ],
  [
    'millrace- in an attribute of a binary event',
    { ...BINARY, 'ce-millrace-replay': '1' },
    JSON.stringify(data),
    422,
    'event-envelope-invalid',
    'millrace-',
  ],
  [
    'millrace- in a structured event',
    STRUCTURED,
    event({ 'millrace-replay': '1' }),
    422,
    'event-envelope-invalid',
    'millrace-',
  ],
  [
    'millrace- in a header of a structured event',
    { ...STRUCTURED, 'millrace-replay': '1' },
    event(),
    422,
    'event-envelope-invalid',
    'millrace-',
  ],
  [
    'millrace- in a header of a batch',
    { ...BATCH, 'millrace-replay': '1' },
    batchOf(1),
    422,
    'event-envelope-invalid',
    'millrace-',
  ],
  [
    'millrace- in a header of a stream',
    { ...STREAM, 'ce-millrace-replay': '1' },
    event(),
    422,
    'event-envelope-invalid',
    'millrace-',
  ],
];

/** For a body in which each event has an answer of its own. */
const eventRows: [name: string, event: string, status: number, problem: string][] = [
  ['above MAX_EVENT_BYTES', large, 413, 'event-too-large'],
  ['that nests too deep', event({ data: JSON.parse(deep) as unknown }), 400, 'json-too-deep'],
  ['with too many extensions', event(extensions(4, 1)), 422, 'event-envelope-invalid'],
  ['with a name of the platform', event({ 'millrace-replay': '1' }), 422, 'event-envelope-invalid'],
  ['whose data is bytes', event({ data_base64: 'AAAA' }), 422, 'event-envelope-invalid'],
];

describe('the limits of publishing', () => {
  const kafka = createKafkaClient({
    brokers: serversUnderTest().brokers,
    clientId: 'specs',
    log: silentLogger,
  });
  const cluster = new KafkaCluster(kafka);
  let producer: ProducerUnderTest;

  beforeAll(async () => {
    await applyCatalogue(catalogue);
    producer = await startProducer(SETTINGS);
  });
  afterAll(() => Promise.all([producer.close(), cluster.close()]));

  async function startProducer(settings: Record<string, string>): Promise<ProducerUnderTest> {
    const started = await ProducerUnderTest.start(catalogue, serversUnderTest(), settings);
    await waitFor('the producer to be ready', () => started.isReady());
    return started;
  }

  it('let through what is just within them', async () => {
    const atLimit = event({ ...extensions(3, 20), data: { ...data, note: 'x'.repeat(1_800) } });
    expect(await producer.post('/v1/events', atLimit, STRUCTURED)).toMatchObject({ status: 201 });
    expect(await producer.post('/v1/events', batchOf(5), BATCH)).toMatchObject({ status: 201 });
    expect(await producer.post('/v1/events', gzipped(atLimit), { ...STRUCTURED, ...GZIP })).toMatchObject({
      status: 201,
    });
  });

  it.each(rows)('refuse %s', async (_name, sent, body, status, problem, told = '') => {
    const before = await cluster.logBounds(topic);
    const answer = await producer.post('/v1/events', body, sent);
    expect(answer).toMatchObject({
      status,
      contentType: expect.stringContaining('application/problem+json') as string,
      body: {
        status,
        type: `urn:millrace:problem:${problem}`,
        detail: expect.stringContaining(told) as string,
      },
    });
    expect(await cluster.logBounds(topic)).toEqual(before);
  });

  it.each(eventRows)(
    'refuse one event %s among others in a batch and in a stream',
    async (_name, bad, status, problem) => {
      const refused = { problem: { status, type: `urn:millrace:problem:${problem}` } };
      const batch = await producer.post('/v1/events', `[${event()},${bad},${event()}]`, BATCH);
      expect(batch).toMatchObject({
        status: 422,
        body: { events: [{ topic }, refused, { topic }], summary: { published: 2, refused: 1 } },
      });
      expect(await producer.stream([event(), bad, event()].join('\n'))).toMatchObject([
        { line: 1, position: expect.any(String) as string },
        { line: 2, ...refused },
        { line: 3, position: expect.any(String) as string },
        { summary: { published: 2, refused: 1 } },
      ]);
    },
  );

  it('hold a line that inflates to a gigabyte off without holding it in memory', async () => {
    const megabyte = ' '.repeat(1_048_576);
    // Members one after the other are one gzip stream: a bomb of a few hundred kilobytes.
    const bomb = Buffer.concat([gzipSync('x'), ...Array.from({ length: 500 }, () => gzipSync(megabyte))]);
    const before = process.memoryUsage().rss;
    const answers = await producer.stream(
      new Uint8Array(Buffer.concat([bomb, gzipSync(`\n${event()}`)])),
      GZIP,
    );
    expect(answers).toMatchObject([
      { line: 1, problem: { status: 413 } },
      { line: 2, position: expect.any(String) as string },
      { summary: { published: 1, refused: 1 } },
    ]);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1_048_576);
  });

  it('end a stream whose bytes are not of its encoding with the reason, after what came before', async () => {
    const good = gzipSync(`${event({ id: 'good' })}\n`);
    const answers = await producer.stream(
      new Uint8Array(Buffer.concat([good, Buffer.from('no gzip at all')])),
      GZIP,
    );
    expect(answers.at(-1)).toMatchObject({ summary: { refused: 0 } });
    expect(answers.at(-2)).toMatchObject({
      problem: { status: 400, type: 'urn:millrace:problem:body-encoding' },
    });
  });

  it('refuse with 429 and Retry-After what would exceed MAX_BODY_MEMORY_BYTES, and take it when there is room again', async () => {
    const narrow = await startProducer({ MAX_BODY_MEMORY_BYTES: '1000000', MAX_EVENT_BYTES: '900000' });
    try {
      const { hostname, port } = new URL(narrow.url);
      const slow = createConnection({ host: hostname, port: Number(port) });
      slow.on('error', () => undefined);
      slow.write(
        `POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/cloudevents+json\r\nContent-Length: 800000\r\n\r\n`,
      );
      slow.write(' '.repeat(700_000));
      const ask = () =>
        narrow.post('/v1/events', event({ data: { ...data, note: 'x'.repeat(400_000) } }), STRUCTURED);
      const refused = await waitFor('the memory to be in use', async () => {
        const answer = await ask();
        return answer.status === 429 ? answer : undefined;
      });
      expect(refused).toMatchObject({
        retryAfter: '1',
        body: { type: 'urn:millrace:problem:bodies-full', retriable: true },
      });
      expect(await narrow.post('/v1/events', event(), STRUCTURED)).toMatchObject({ status: 201 });
      slow.destroy();
      await waitFor('the memory to be free', async () => (await ask()).status === 201);
    } finally {
      await narrow.close();
    }
  });

  it('refuse with 429 a stream beyond MAX_STREAMS, and take it when another has ended', async () => {
    const narrow = await startProducer({ MAX_STREAMS: '1' });
    try {
      const { hostname, port } = new URL(narrow.url);
      const open = createConnection({ host: hostname, port: Number(port) });
      open.write(
        `POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n`,
      );
      const ask = () => narrow.post('/v1/events', '', STREAM).catch(() => undefined);
      const refused = await waitFor('the stream to be open', async () => {
        const response = await fetch(`${narrow.url}/v1/events`, {
          method: 'POST',
          body: '\n',
          headers: STREAM,
        });
        if (response.status === 429) return response;
        await response.text();
        return undefined;
      });
      expect(refused.headers.get('retry-after')).toBe('5');
      expect(await refused.json()).toMatchObject({ type: 'urn:millrace:problem:streams-full' });
      open.write('0\r\n\r\n');
      await waitFor('the stream to have ended', async () => (await ask())?.status === 201);
      open.destroy();
    } finally {
      await narrow.close();
    }
  });

  it('close a connection beyond MAX_CONNECTIONS at once', async () => {
    const narrow = await startProducer({ MAX_CONNECTIONS: '3' });
    const { hostname, port } = new URL(narrow.url);
    const connections = Array.from({ length: 6 }, () =>
      createConnection({ host: hostname, port: Number(port) }),
    );
    let closed = 0;
    for (const connection of connections)
      connection.on('error', () => undefined).on('close', () => (closed += 1));
    await waitFor('those too many to be closed', () => closed >= 3);
    // The connections over which it was asked whether it is ready count, too.
    expect(closed).toBeLessThan(6);
    for (const connection of connections) connection.destroy();
    await narrow.close();
  });

  it('answer what is not HTTP with a problem too', async () => {
    const { hostname, port } = new URL(producer.url);
    const connection = createConnection({ host: hostname, port: Number(port) });
    connection.write('HELLO\r\n\r\n');
    const answer = await text(connection);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(parseAnswers(answer.slice(answer.indexOf('{')))).toMatchObject([
      { type: 'urn:millrace:problem:not-http' },
    ]);
  });
});
