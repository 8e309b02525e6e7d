import { KafkaFrames } from './kafka-frames';
import { KafkaProxy } from './kafka-proxy';
import { readKafkaRequest } from './kafka-request';
import { int16Bytes, requestBytes, responseBytes } from './test/kafka-bytes';
import type { RequestBytes } from './test/kafka-bytes';
import { connectTo, LoopbackServer } from './test/loopback';
import type { Peer } from './test/loopback';
import { waitFor } from '../wait-for';

/** Answers every request but those with acks=0 by its name, as often as the broker got it. */
async function answeringServer(): Promise<LoopbackServer> {
  const readers = new Map<Peer, KafkaFrames>();
  return LoopbackServer.open((peer, chunk) => {
    const reader = readers.get(peer) ?? new KafkaFrames();
    readers.set(peer, reader);
    for (const frame of reader.take(chunk)) {
      const { api, correlationId, answered } = readKafkaRequest(frame);
      if (answered) peer.socket.write(responseBytes(correlationId, `${api} done`));
    }
  });
}

describe('a Kafka proxy', () => {
  let server: LoopbackServer;
  let proxy: KafkaProxy;
  const clients: Peer[] = [];
  let correlationId = 0;

  beforeEach(async () => {
    server = await answeringServer();
    proxy = await KafkaProxy.open({ target: { port: server.port } });
    correlationId = 0;
  });
  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.destroy();
    await proxy.close();
    await server.close();
  });

  function client(): Peer {
    const peer = connectTo(proxy.tcp.port);
    clients.push(peer);
    return peer;
  }

  function next(api: RequestBytes['api'], more: Partial<RequestBytes> = {}): Buffer {
    const acks = api === 'Produce' ? { apiVersion: 2, body: int16Bytes(-1) } : {};
    return requestBytes({ api, correlationId: ++correlationId, ...acks, ...more });
  }

  const answers = (peer: Peer): string[] =>
    new KafkaFrames().take(peer.received).map((frame) => frame.subarray(8).toString());
  const arrived = (peer: Peer | undefined): string[] =>
    new KafkaFrames().take(peer?.received ?? Buffer.alloc(0)).map((frame) => readKafkaRequest(frame).api);
  const toAnswer = (peer: Peer, count: number): Promise<boolean> =>
    waitFor(`${count} answers`, () => answers(peer).length === count, 5_000);

  it('passes requests and responses on unchanged, however they are cut, and counts them by name', async () => {
    const peer = client();
    const stream = Buffer.concat([next('ApiVersions'), next('Produce'), next('Produce'), next(99)]);
    for (const [index] of stream.entries()) peer.socket.write(stream.subarray(index, index + 1));
    await toAnswer(peer, 4);
    expect(server.peers[0]?.received.equals(stream)).toBe(true);
    expect(answers(peer)).toEqual(['ApiVersions done', 'Produce done', 'Produce done', 'api-99 done']);
    const counted = { ApiVersions: 1, Produce: 2, 'api-99': 1 };
    expect(proxy.counts).toMatchObject({ requests: counted, responses: counted, unmatchedResponses: 0 });
  });

  it('expects no response to a produce request with acks=0', async () => {
    const peer = client();
    // The same id again: one that waited for its answer would take it from the request behind it.
    const silent = { correlationId: 7, apiVersion: 2, body: int16Bytes(0) };
    const stream = [next('Produce', silent), next('Metadata', { correlationId: 7 })];
    peer.socket.write(Buffer.concat([...stream, next('Produce', silent), next('Fetch')]));
    await toAnswer(peer, 2);
    expect(proxy.counts).toMatchObject({
      requests: { Produce: 2, Metadata: 1, Fetch: 1 },
      responses: { Metadata: 1, Fetch: 1 },
      unmatchedResponses: 0,
    });
  });

  it('drops the nth response after the broker has done its work, and resets the connection', async () => {
    const drop = proxy.dropResponse({ api: 'Produce', nth: 2 });
    const peer = client();
    peer.socket.write(Buffer.concat([next('Produce'), next('Metadata'), next('Produce'), next('Fetch')]));
    await peer.toBeReset();
    await server.peers[0]?.toBeReset();
    expect(arrived(server.peers[0]).slice(0, 3)).toEqual(['Produce', 'Metadata', 'Produce']);
    expect(answers(peer)).not.toContain('Fetch done');
    expect(answers(peer).filter((answer) => answer === 'Produce done').length).toBeLessThan(2);
    expect([drop.happened, proxy.counts.responsesDropped]).toEqual([1, { Produce: 1 }]);
    expect(proxy.tcp.counts.connectionsReset).toBe(1);
    const again = client();
    again.socket.write(next('Produce'));
    await toAnswer(again, 1);
  });

  it('drops a response and leaves the connection hanging until it is healed', async () => {
    const drop = proxy.dropResponse({ api: 'Produce', count: 1 }, 'hang');
    const peer = client();
    peer.socket.write(next('Metadata'));
    await toAnswer(peer, 1);
    peer.socket.write(Buffer.concat([next('Produce'), next('Fetch')]));
    await waitFor('the drop', () => drop.happened === 1);
    await waitFor('the broker to have both', () => arrived(server.peers[0]).length === 3);
    expect([answers(peer), peer.closed]).toEqual([['Metadata done'], false]);
    proxy.heal();
    await peer.toBeReset();
    expect(proxy.tcp.counts).toMatchObject({ connectionsReset: 0, connectionsResetByHeal: 1 });
  });

  it('resets on a request that the broker never gets, once for each connection', async () => {
    const reset = proxy.resetOn({ api: 'OffsetCommit', count: 2 }, 'before-forward');
    for (const index of [0, 1]) {
      const peer = client();
      peer.socket.write(next('Heartbeat'));
      await toAnswer(peer, 1);
      peer.socket.write(Buffer.concat([next('OffsetCommit'), next('OffsetCommit')]));
      await peer.toBeReset();
      await server.peers[index]?.toBeReset();
      expect(arrived(server.peers[index])).toEqual(['Heartbeat']);
    }
    expect([reset.happened, proxy.counts.resetsBeforeForward]).toEqual([2, { OffsetCommit: 2 }]);
  });

  it('resets the client alone on a request that the broker gets, with a proper end behind it', async () => {
    const reset = proxy.resetOn({ api: 'Produce' }, 'after-forward');
    const peer = client();
    peer.socket.write(Buffer.concat([next('Metadata'), next('Produce'), next('Fetch')]));
    await peer.toBeReset();
    const broker = await server.peer();
    await broker.toEnd();
    expect([arrived(broker), broker.errorCode]).toEqual([['Metadata', 'Produce'], undefined]);
    expect([reset.happened, proxy.counts.resetsAfterForward]).toEqual([1, { Produce: 1 }]);
    await waitFor('the connection to be over', () => proxy.tcp.openConnections === 0);
  });

  it('delays by name until it is healed, and keeps the order of the connection', async () => {
    const hour = 3_600_000;
    const request = proxy.delayRequest({ api: 'Heartbeat', clientId: 'slow' }, hour);
    const response = proxy.delayResponse({ api: 'Fetch' }, hour);
    const [slow, fast, fetching] = [client(), client(), client()];
    slow.socket.write(Buffer.concat([next('Heartbeat', { clientId: 'slow' }), next('Metadata')]));
    fetching.socket.write(Buffer.concat([next('Fetch'), next('Metadata')]));
    fast.socket.write(Buffer.concat([next('Heartbeat', { clientId: 'fast' }), next('Metadata')]));
    await toAnswer(fast, 2);
    await waitFor('both delays', () => proxy.tcp.counts.bytesDelayed > next('Heartbeat').length);
    expect([answers(slow), answers(fetching)]).toEqual([[], []]);
    proxy.heal();
    await Promise.all([toAnswer(slow, 2), toAnswer(fetching, 2)]);
    expect(answers(slow)).toEqual(['Heartbeat done', 'Metadata done']);
    expect(answers(fetching)).toEqual(['Fetch done', 'Metadata done']);
    expect([request.happened, response.happened]).toEqual([1, 1]);
    expect(proxy.counts).toMatchObject({ requestsDelayed: { Heartbeat: 1 }, responsesDelayed: { Fetch: 1 } });
  });

  it('does nothing more by an aim that was ended, and counts what never happened as 0', async () => {
    const ended = proxy.resetOn({ api: 'Metadata' }, 'before-forward');
    const unused = proxy.dropResponse({ api: 'JoinGroup' });
    ended.end();
    const peer = client();
    peer.socket.write(next('Metadata'));
    await toAnswer(peer, 1);
    expect([ended.happened, unused.happened]).toEqual([0, 0]);
  });

  it('resets what does not speak Kafka, and counts it', async () => {
    const peer = client();
    peer.socket.write('GET / HTTP/1.1\r\n\r\n');
    await peer.toBeReset();
    expect(proxy.counts.unreadableConnections).toBe(1);
    expect(server.peers.map(({ text }) => text).join('')).toBe('');
  });
});
