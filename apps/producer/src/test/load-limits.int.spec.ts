import { createConnection } from 'node:net';
import { applyCatalogue, uniqueName, waitFor } from '@millrace/testing';
import { data, event, STREAM, STRUCTURED } from './parcel-bodies';
import { parcels } from './parcels';
import { ProducerUnderTest } from './producer-under-test';

const { catalogue } = parcels(uniqueName('parcels'));

describe('the limits of what a producer carries at once', () => {
  beforeAll(() => applyCatalogue(catalogue));

  it('refuse with 429 and Retry-After what would exceed MAX_BODY_MEMORY_BYTES, and take it when there is room again', async () => {
    const narrow = await ProducerUnderTest.startReady(catalogue, {
      MAX_BODY_MEMORY_BYTES: '1000000',
      MAX_EVENT_BYTES: '900000',
    });
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
    const narrow = await ProducerUnderTest.startReady(catalogue, { MAX_STREAMS: '1' });
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
    const narrow = await ProducerUnderTest.startReady(catalogue, { MAX_CONNECTIONS: '3' });
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
});
