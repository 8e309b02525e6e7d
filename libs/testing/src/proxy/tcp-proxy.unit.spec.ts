import { connectTo, LoopbackServer } from './test/loopback';
import type { Peer } from './test/loopback';
import { TcpProxy } from './tcp-proxy';
import { waitFor } from '../wait-for';

describe('a TCP proxy', () => {
  let server: LoopbackServer;
  let proxy: TcpProxy;
  const clients: Peer[] = [];

  beforeEach(async () => {
    server = await LoopbackServer.open();
    proxy = await TcpProxy.open({ target: { port: server.port } });
  });
  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.destroy();
    await proxy.close();
    await server.close();
  });

  function client(options?: { allowHalfOpen?: boolean }): Peer {
    const peer = connectTo(proxy.port, options);
    clients.push(peer);
    return peer;
  }

  async function echoed(peer: Peer, text: string): Promise<void> {
    const from = peer.received.length;
    peer.socket.write(text, 'latin1');
    await peer.toReceive(from + text.length);
    expect(peer.text.slice(from)).toBe(text);
  }

  it('passes every byte on, both ways and in order, and each side’s end behind its bytes', async () => {
    const payload = Buffer.alloc(3_000_000, 'all of the bytes ');
    const peer = client({ allowHalfOpen: true });
    peer.socket.end(payload);
    await peer.toEnd();
    expect(peer.received.equals(payload)).toBe(true);
    expect(proxy.counts).toMatchObject({
      connectionsAccepted: 1,
      bytesToServer: payload.length,
      bytesToClient: payload.length,
    });
    await waitFor('the connection to be over', () => proxy.openConnections === 0);
  });

  it('tells the client of a server that cannot be reached', async () => {
    await server.close();
    const peer = client();
    await peer.toBeReset();
    expect(proxy.counts).toMatchObject({ connectionsAccepted: 1, connectionsReset: 0 });
  });

  it('refuses everybody until it knows where to go', async () => {
    const waiting = await TcpProxy.open();
    const early = connectTo(waiting.port);
    await early.toBeReset();
    waiting.pointAt({ port: server.port });
    const peer = connectTo(waiting.port);
    await echoed(peer, 'here');
    expect(waiting.counts).toMatchObject({ connectionsRefused: 1, connectionsAccepted: 1 });
    await waiting.close();
    await peer.toBeReset();
  });

  it('delays what passes, and gives it all at once when it is healed', async () => {
    const peer = client();
    await echoed(peer, 'before');
    proxy.latency({ toServer: 3_600_000 });
    peer.socket.write('one two');
    await waitFor('the delay', () => proxy.counts.bytesDelayed === 7);
    expect(server.peers[0]?.text).toBe('before');
    proxy.latency({ toServer: 0 });
    await peer.toReceive('beforeone two'.length);
    proxy.latency({ toClient: 3_600_000 });
    peer.socket.write(' three');
    await waitFor('the delay', () => proxy.counts.bytesDelayed === 13);
    expect(server.peers[0]?.text).toBe('beforeone two three');
    proxy.heal();
    await peer.toReceive('beforeone two three'.length);
    expect(peer.text).toBe('beforeone two three');
  });

  it('lets a latency pass by itself, and keeps the order', async () => {
    proxy.latency({ toServer: 30, toClient: 20 });
    const peer = client();
    for (let n = 0; n < 20; n++) peer.socket.write(`${n} `);
    const text = Array.from({ length: 20 }, (_, n) => `${n} `).join('');
    await peer.toReceive(text.length);
    expect(peer.text).toBe(text);
    expect(proxy.counts.bytesDelayed).toBeGreaterThan(0);
  });

  it('throttles, and lets the sender keep what does not pass', async () => {
    const peer = client();
    await echoed(peer, 'x');
    proxy.throttle({ toServer: 2_000 });
    const payload = Buffer.alloc(8 * 1024 * 1024, 'y');
    peer.socket.write(payload);
    await waitFor('some of it to pass', () => proxy.counts.bytesThrottled >= 1_000);
    expect(proxy.bytesWaiting).toBeGreaterThan(0);
    expect(proxy.bytesWaiting).toBeLessThan(512 * 1024);
    proxy.heal();
    await peer.toReceive(payload.length + 1);
    expect(proxy.bytesWaiting).toBe(0);
  });

  it('splits what comes together into many small reads', async () => {
    const peer = client();
    await echoed(peer, 'before');
    proxy.split({ toClient: 3 });
    await echoed(peer, 'abcdefghijklmnopqrstuvwxyz');
    expect(peer.chunks.length).toBeGreaterThan(5);
    expect(proxy.counts.piecesSplit).toBe(8);
    expect(server.peers[0]?.text).toBe('beforeabcdefghijklmnopqrstuvwxyz');
  });

  it('is silent one way, and what it held arrives in order after the silence', async () => {
    const peer = client();
    await echoed(peer, 'before ');
    proxy.silence('toClient');
    peer.socket.write('one ');
    await waitFor('the server to have it', () => server.peers[0]?.text === 'before one ');
    await waitFor('the answer to be held', () => proxy.counts.bytesHeld === 4);
    expect([peer.text, peer.ended, peer.closed]).toEqual(['before ', false, false]);
    proxy.heal();
    await peer.toReceive('before one '.length);
    await echoed(peer, 'two');
    expect(peer.text).toBe('before one two');
    expect(proxy.counts).toMatchObject({ bytesSwallowed: 0, connectionsResetByHeal: 0 });
  });

  it('swallows one way, and resets what lost bytes when it is healed, and nothing else', async () => {
    const [losing, other] = [client(), client()];
    await Promise.all([echoed(losing, 'a'), echoed(other, 'b')]);
    proxy.silence('toServer', 'swallow');
    losing.socket.write('lost');
    await waitFor('the loss', () => proxy.counts.bytesSwallowed === 4);
    expect([losing.closed, server.peers.map(({ text }) => text).toSorted()]).toEqual([false, ['a', 'b']]);
    proxy.heal();
    await losing.toBeReset();
    await echoed(other, 'still there');
    expect(proxy.counts).toMatchObject({ connectionsResetByHeal: 1, connectionsReset: 0 });
  });

  it('keeps a reset of the server from a client while that way is silent', async () => {
    const peer = client();
    await echoed(peer, 'a');
    proxy.silence('toClient');
    server.peers[0]?.socket.resetAndDestroy();
    await waitFor('the close to be hidden', () => proxy.counts.closesHidden === 1);
    expect(peer.closed).toBe(false);
    proxy.heal();
    await peer.toBeReset();
  });

  it('leaves the client’s side open when it cuts the server’s, until it is healed', async () => {
    const peer = client();
    await echoed(peer, 'before');
    proxy.halfOpen();
    await (await server.peer()).toBeReset();
    peer.socket.write('into the void');
    await waitFor('the loss', () => proxy.counts.bytesSwallowed === 13);
    expect([peer.ended, peer.closed]).toEqual([false, false]);
    const later = client();
    await echoed(later, 'works');
    (await server.peer(1)).socket.end();
    await waitFor('the close to be hidden', () => proxy.counts.closesHidden === 1);
    expect([later.ended, later.closed]).toEqual([false, false]);
    proxy.heal();
    await Promise.all([peer.toBeReset(), later.toBeReset()]);
    expect(proxy.counts).toMatchObject({ connectionsHalfOpened: 1, connectionsResetByHeal: 2 });
  });

  it('resets both sides, and takes new connections at once', async () => {
    const peers = [client(), client()];
    await Promise.all(peers.map((peer) => echoed(peer, 'x')));
    expect(proxy.reset()).toBe(2);
    await Promise.all([...peers, ...server.peers].map((peer) => peer.toBeReset()));
    await waitFor('the connections to be over', () => proxy.openConnections === 0);
    expect(proxy.reset()).toBe(0);
    await echoed(client(), 'again');
    expect(proxy.counts.connectionsReset).toBe(2);
  });

  it('passes a reset on, from either side', async () => {
    const [first, second] = [client(), client()];
    await Promise.all([echoed(first, 'a'), echoed(second, 'b')]);
    const [ofFirst, ofSecond] = server.peers.toSorted((a, b) => (a.text < b.text ? -1 : 1));
    first.socket.resetAndDestroy();
    await ofFirst?.toBeReset();
    ofSecond?.socket.resetAndDestroy();
    await second.toBeReset();
    expect(proxy.counts).toMatchObject({ connectionsReset: 0, closesHidden: 0 });
  });

  it('refuses new connections while the present ones go on', async () => {
    const present = client();
    await echoed(present, 'a');
    proxy.refuse();
    await client().toBeReset();
    await echoed(present, 'b');
    expect(proxy.counts.connectionsRefused).toBe(1);
    proxy.heal();
    await echoed(client(), 'c');
  });

  it('leaves no socket behind when a connection is reset in the middle of its end', async () => {
    const parting = await TcpProxy.open({
      target: { port: server.port },
      intercept: (connection) => ({
        take: (_direction, bytes) => {
          if (bytes.toString() !== 'part') return [{ bytes }];
          connection.resetClient();
          connection.reset();
          return [];
        },
        end: () => [],
      }),
    });
    const peer = connectTo(parting.port);
    await echoed(peer, 'a');
    peer.socket.write('part');
    await peer.toBeReset();
    await waitFor('both sides to be closed', () => parting.openConnections === 0, 5_000);
    await parting.close();
    expect(parting.openConnections).toBe(0);
  });

  it('leaves no connection when it closes, whatever is held', async () => {
    const peer = client();
    await echoed(peer, 'a');
    proxy.silence('toServer');
    proxy.silence('toClient', 'swallow');
    peer.socket.write('held');
    await waitFor('the bytes to be held', () => proxy.counts.bytesHeld === 4);
    await Promise.all([proxy.close(), proxy.close()]);
    await Promise.all([peer.toBeReset(), server.peers[0]?.toBeReset()]);
    const late = client();
    await waitFor('nobody to answer', () => late.closed);
    expect(late.errorCode).toBe('ECONNREFUSED');
  });
});
