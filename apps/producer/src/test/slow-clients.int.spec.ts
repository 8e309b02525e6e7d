import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { applyCatalogue, uniqueName, waitFor } from '@millrace/testing';
import { parcels } from './parcels';
import { ProducerUnderTest } from './producer-under-test';

const { weighed, catalogue } = parcels(uniqueName('parcels'));
const line = (id: string): string =>
  `${JSON.stringify({ type: weighed.type, id, data: { parcelId: id, grams: 1 } })}\n`;
const STREAM_HEAD =
  'POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n';
const chunk = (body: string): string => `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`;

describe('a client that is too slow', () => {
  let producer: ProducerUnderTest;

  beforeAll(async () => {
    await applyCatalogue(catalogue);
    producer = await ProducerUnderTest.startReady(catalogue, {
      HEADERS_TIMEOUT_MS: '3000',
      BODY_TIMEOUT_MS: '1000',
      STREAM_STALL_TIMEOUT_MS: '500',
    });
  });
  afterAll(() => producer.close());

  function connect(): Socket {
    const { hostname, port } = new URL(producer.url);
    return createConnection({ host: hostname, port: Number(port), allowHalfOpen: true }).on(
      'error',
      () => undefined,
    );
  }

  it.each([
    ['with its headers', 'POST /v1/events HTTP/1.1\r\nHost:', 'headers-timeout'],
    [
      'with the body of an event',
      'POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/cloudevents+json\r\nContent-Length: 100\r\n\r\n{"type":',
      'body-timeout',
    ],
    [
      'with a batch',
      'POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/cloudevents-batch+json\r\nContent-Length: 100\r\n\r\n[',
      'body-timeout',
    ],
  ])('%s is answered 408, its connection is closed, and the log says why', async (_case, sent, problem) => {
    const connection = connect();
    connection.write(sent);
    // `text` ends when the other side closes.
    const answer = await text(connection);
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain(`urn:millrace:problem:${problem}`);
    expect(producer.logged()).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        reason: expect.stringContaining('did not arrive within') as string,
      }),
    );
  });

  it('with a stream gets its answers, the reason and the summary, and its connection is closed', async () => {
    const connection = connect();
    connection.write(STREAM_HEAD + chunk(line('stalled-1') + line('stalled-2') + '{"type"'));
    const answer = await text(connection);
    expect(answer).toMatch(/"id":"stalled-1".*"id":"stalled-2".*stream-stalled.*"published":2,"refused":0/s);
    expect(producer.logged()).toContainEqual(expect.objectContaining({ msg: 'a stream was ended' }));
  });

  it('but sends a byte now and then is served to the end', async () => {
    const connection = connect();
    connection.write(STREAM_HEAD);
    const body = line('steady');
    const startedAt = performance.now();
    for (const byte of body) {
      connection.write(chunk(byte));
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
    // The whole took longer than a stall may.
    expect(performance.now() - startedAt).toBeGreaterThan(500);
    connection.write('0\r\n\r\n');
    await waitFor('the summary', async () => {
      const [first] = [connection.read() as Buffer | null];
      return first?.includes('"published":1') === true || undefined;
    });
    connection.destroy();
  });

  it('in reading the answers of its stream is cut, and the log says why', async () => {
    const connection = connect();
    connection.pause();
    let closed = false;
    connection.on('close', () => (closed = true));
    connection.write(STREAM_HEAD);
    // Each is refused, at once and in many words: what is not read soon is more than the system's own buffers hold.
    const many = chunk('{}\n'.repeat(5_000));
    const push = (): void => {
      while (!closed && !connection.destroyed && connection.write(many));
    };
    connection.on('drain', push);
    push();
    await waitFor(
      'the cut to be logged',
      () => producer.logged().some(({ msg }) => String(msg).includes('its answers are not read')),
      60_000,
    );
    connection.destroy();
    expect(await producer.isReady()).toBe(true);
  });
});
