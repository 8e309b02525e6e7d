import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { createKafkaClient, KafkaCluster } from '@millrace/kafka';
import { applyCatalogue, serversUnderTest, silentLogger, uniqueName } from '@millrace/testing';
import { BATCH, batchOf, data, event, extensions, GZIP, gzipped, STRUCTURED } from './parcel-bodies';
import { parcels } from './parcels';
import { parseAnswers, ProducerUnderTest } from './producer-under-test';
import { refusedEvents, refusedRequests, SETTINGS } from './refused-requests';

const { topic, catalogue } = parcels(uniqueName('parcels'));

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
    producer = await ProducerUnderTest.startReady(catalogue, SETTINGS);
  });
  afterAll(() => Promise.all([producer.close(), cluster.close()]));

  it('let through what is just within them', async () => {
    const atLimit = event({ ...extensions(3, 20), data: { ...data, note: 'x'.repeat(1_800) } });
    expect(await producer.post('/v1/events', atLimit, STRUCTURED)).toMatchObject({ status: 201 });
    expect(await producer.post('/v1/events', batchOf(5), BATCH)).toMatchObject({ status: 201 });
    expect(await producer.post('/v1/events', gzipped(atLimit), { ...STRUCTURED, ...GZIP })).toMatchObject({
      status: 201,
    });
  });

  it.each(refusedRequests)('refuse %s', async (_name, sent, body, status, problem, told = '') => {
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

  it.each(refusedEvents)(
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
