import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { waitFor } from '../../wait-for';

/** One end of a connection, and all that it was told. */
export class Peer {
  readonly chunks: Buffer[] = [];
  ended = false;
  closed = false;
  errorCode: string | undefined;

  constructor(readonly socket: Socket) {
    socket.on('data', (chunk) => this.chunks.push(chunk));
    socket.on('end', () => (this.ended = true));
    socket.on('close', () => (this.closed = true));
    socket.on('error', (error: NodeJS.ErrnoException) => (this.errorCode = error.code));
  }

  get received(): Buffer {
    return Buffer.concat(this.chunks);
  }

  get text(): string {
    return this.received.toString('latin1');
  }

  async toReceive(bytes: number): Promise<void> {
    await waitFor(`${bytes} bytes`, () => this.received.length >= bytes, 5_000);
  }

  async toBeReset(): Promise<void> {
    await waitFor('a reset', () => this.errorCode === 'ECONNRESET' && this.closed, 5_000);
  }

  async toEnd(): Promise<void> {
    await waitFor('the end', () => this.ended, 5_000);
  }
}

/** A server on 127.0.0.1 that does with each connection what it was made to do; by default it sends back what comes. */
export class LoopbackServer {
  readonly peers: Peer[] = [];
  port = 0;
  private readonly server: Server;

  private constructor(onData: (peer: Peer, chunk: Buffer) => void) {
    this.server = createServer({ noDelay: true }, (socket) => {
      const peer = new Peer(socket);
      this.peers.push(peer);
      socket.on('data', (chunk) => onData(peer, chunk));
    });
  }

  static async open(
    onData: (peer: Peer, chunk: Buffer) => void = (peer, chunk) => void peer.socket.write(chunk),
  ): Promise<LoopbackServer> {
    const loopback = new LoopbackServer(onData);
    await new Promise<void>((resolve) => loopback.server.listen(0, '127.0.0.1', resolve));
    loopback.port = (loopback.server.address() as AddressInfo).port;
    return loopback;
  }

  /** The nth connection that was accepted, once it is there. */
  async peer(index = 0): Promise<Peer> {
    return waitFor(`connection ${index}`, () => this.peers[index], 5_000);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const { socket } of this.peers) socket.destroy();
    await closed;
  }
}

/** A connection to a port of 127.0.0.1; what is sent before it stands goes out when it does. */
export function connectTo(port: number, options: { readonly allowHalfOpen?: boolean } = {}): Peer {
  return new Peer(connect({ port, host: '127.0.0.1', noDelay: true, ...options }));
}
