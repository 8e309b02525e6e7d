import type { Socket } from 'node:net';
import type { ConnectionControl, Interceptor, InterceptorFactory } from './interceptor';
import { Lane } from './lane';
import type { TcpCounts } from './tcp-counts';
import type { Direction, TcpFaults } from './tcp-faults';

export interface ProxiedConnectionOptions {
  readonly client: Socket;
  /** On its way to the server, or there already. */
  readonly server: Socket;
  readonly faults: TcpFaults;
  readonly counts: TcpCounts;
  readonly intercept?: InterceptorFactory | undefined;
  /** Both sockets are closed. */
  readonly onOver: () => void;
}

/**
 * A client's connection and the proxy's own one to the server: bytes, FIN and RST of each side reach the other, unless a
 * fault keeps them from it.
 */
export class ProxiedConnection implements ConnectionControl {
  private readonly lanes: Record<Direction, Lane>;
  private readonly interceptor: Interceptor | undefined;
  /** Where bytes or a close were kept from the receiver: there is no honest way on. */
  private readonly torn = new Set<Direction>();
  private closeHidden = false;
  /** The client was reset, and the server is left to end its work. */
  private parted = false;
  private over = false;
  private serverReached = false;

  constructor(private readonly options: ProxiedConnectionOptions) {
    const { client, server } = options;
    this.lanes = {
      toServer: this.lane('toServer', client, server),
      toClient: this.lane('toClient', server, client),
    };
    this.interceptor = options.intercept?.(this);
    server.once('connect', () => (this.serverReached = true));
    this.read('toServer', client, () => server.end());
    this.read('toClient', server, () => this.endClient());
    this.watch(client, () => this.lost('toServer'));
    this.watch(server, () => this.lost('toClient'));
  }

  get bytesWaiting(): number {
    return this.lanes.toServer.bytesWaiting + this.lanes.toClient.bytesWaiting;
  }

  reset(): void {
    if (this.over) return;
    this.options.counts.connectionsReset += 1;
    this.resetBoth();
  }

  resetClient(): void {
    const { client, server, counts } = this.options;
    if (this.over || this.parted) return;
    this.parted = true;
    counts.connectionsReset += 1;
    this.lanes.toServer.mute();
    this.lanes.toClient.mute();
    resetSocket(client);
    server.end();
  }

  hang(): void {
    this.torn.add('toClient');
    this.lanes.toClient.mute();
  }

  /** The server's side goes away, and the client is not told. */
  cutServer(): void {
    const { server, counts } = this.options;
    if (this.over || this.parted || !this.serverReached || server.destroyed) return;
    counts.connectionsHalfOpened += 1;
    this.torn.add('toClient');
    this.lanes.toServer.mute();
    this.lanes.toClient.mute();
    resetSocket(server);
  }

  /** The faults have changed. */
  wake(): void {
    this.lanes.toServer.wake();
    this.lanes.toClient.wake();
  }

  /** The faults are over: what was held goes on; what was torn is reset, as a peer that lost its state answers. */
  heal(): void {
    if (this.over || this.parted) return;
    if (this.torn.size > 0) {
      this.options.counts.connectionsResetByHeal += 1;
      return this.resetBoth();
    }
    this.lanes.toServer.forgetDelays();
    this.lanes.toClient.forgetDelays();
  }

  /** Ends both sides at once, and counts nothing. */
  close(): void {
    this.resetBoth();
  }

  private lane(direction: Direction, source: Socket, sink: Socket): Lane {
    const { counts, faults } = this.options;
    const onLost = (): void => void this.torn.add(direction);
    return new Lane({ direction, source, sink, faults: faults[direction], counts, onLost });
  }

  private read(direction: Direction, source: Socket, end: () => void): void {
    const lane = this.lanes[direction];
    source.on('data', (bytes: Buffer) => {
      for (const part of this.interceptor?.take(direction, bytes) ?? [{ bytes }]) lane.put(part);
    });
    source.on('end', () => {
      for (const part of this.interceptor?.end(direction) ?? []) lane.put(part);
      lane.put({ bytes: Buffer.alloc(0), after: end });
    });
  }

  private watch(socket: Socket, onLost: () => void): void {
    // What an error means is decided when the socket is closed, which always follows.
    socket.on('error', () => undefined);
    socket.on('close', (failed) => {
      if (failed) onLost();
      this.wake();
      const { client, server, onOver } = this.options;
      if (!client.closed || !server.closed) return;
      this.endLanes();
      onOver();
    });
  }

  private endClient(): void {
    if (this.options.faults.halfOpen) this.hideClose('toClient');
    else this.options.client.end();
  }

  /** The source of that direction was reset, or never reached. */
  private lost(direction: Direction): void {
    const { client, server, faults } = this.options;
    if (this.over || this.parted) return;
    this.lanes[direction === 'toServer' ? 'toClient' : 'toServer'].mute();
    const halfOpen = direction === 'toClient' && faults.halfOpen && this.serverReached;
    if (halfOpen || this.torn.has(direction) || faults[direction].silence !== undefined) {
      return this.hideClose(direction);
    }
    resetSocket(direction === 'toServer' ? server : client);
  }

  private hideClose(direction: Direction): void {
    this.torn.add(direction);
    if (this.closeHidden) return;
    this.closeHidden = true;
    this.options.counts.closesHidden += 1;
  }

  private resetBoth(): void {
    this.endLanes();
    resetSocket(this.options.client);
    resetSocket(this.options.server);
  }

  private endLanes(): void {
    this.over = true;
    this.lanes.toServer.close();
    this.lanes.toClient.close();
  }
}

/** RST where there is a connection to reset. */
function resetSocket(socket: Socket): void {
  if (socket.destroyed) return;
  // libuv refuses to reset while its FIN is on the way out (EINVAL), and Node then never closes the socket, nor itself.
  const isEnding = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (socket.connecting) socket.destroy();
  else if (isEnding) socket.once('finish', () => resetSocket(socket));
  else socket.resetAndDestroy();
}
