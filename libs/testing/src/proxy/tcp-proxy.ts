import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { InterceptorFactory } from './interceptor';
import { ProxiedConnection } from './proxied-connection';
import { noCounts } from './tcp-counts';
import type { TcpCounts } from './tcp-counts';
import { endFaults, noFaults } from './tcp-faults';
import type { Direction, Silence } from './tcp-faults';

export interface ProxyTarget {
  /** Default 127.0.0.1. */
  readonly host?: string;
  readonly port: number;
}

export interface TcpProxyOptions {
  /** Where connections go; without one they are refused until `pointAt`. */
  readonly target?: ProxyTarget;
  /** Of 127.0.0.1. Default a free one. */
  readonly port?: number;
  /** Reads along on every connection. */
  readonly intercept?: InterceptorFactory;
}

/** For each direction; one that is left out stays as it is. */
export type ForEachDirection = Readonly<Partial<Record<Direction, number>>>;

const LOOPBACK = '127.0.0.1';

/**
 * A TCP proxy on 127.0.0.1 that misbehaves when it is told to. Every method takes effect at once, on present and on later
 * connections, faults add up, and each lasts until `heal`. `counts` says what was really done.
 */
export class TcpProxy {
  /** Listens when it resolves. @throws the system's error when the port is taken. */
  static async open(options: TcpProxyOptions = {}): Promise<TcpProxy> {
    const proxy = new TcpProxy(options);
    await new Promise<void>((resolve, reject) => {
      proxy.server.once('error', reject);
      proxy.server.listen({ port: options.port ?? 0, host: LOOPBACK }, resolve);
    });
    proxy.port = (proxy.server.address() as AddressInfo).port;
    return proxy;
  }

  /** Where it listens, on 127.0.0.1. */
  port = 0;
  private readonly server: Server;
  private readonly connections = new Set<ProxiedConnection>();
  private readonly faults = noFaults();
  private readonly counted = noCounts();
  private target: ProxyTarget | undefined;
  private closed: Promise<void> | undefined;

  private constructor(private readonly options: TcpProxyOptions) {
    this.target = options.target;
    // Each side's FIN is passed on by its own lane, behind the bytes that came before it.
    this.server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.accept(client));
  }

  /** `127.0.0.1:<port>` */
  get address(): string {
    return `${LOOPBACK}:${this.port}`;
  }

  /** A copy of the counts as they are now. */
  get counts(): Readonly<TcpCounts> {
    return { ...this.counted };
  }

  /** Connections whose sides are not both closed. */
  get openConnections(): number {
    return this.connections.size;
  }

  /** Bytes that the proxy itself holds now, over all connections. */
  get bytesWaiting(): number {
    return [...this.connections].reduce((sum, connection) => sum + connection.bytesWaiting, 0);
  }

  /** Where connections go from now on; present ones stay. */
  pointAt(target: ProxyTarget): void {
    this.target = target;
  }

  /** Each byte arrives so many ms later than it was sent; order and throughput stay. 0 ends it. */
  latency(ms: ForEachDirection): void {
    this.faults.toServer.latencyMs = ms.toServer ?? this.faults.toServer.latencyMs;
    this.faults.toClient.latencyMs = ms.toClient ?? this.faults.toClient.latencyMs;
    this.wake();
  }

  /** Each connection passes so many bytes in a second, and what it does not pass the sender keeps. `Infinity` ends it. */
  throttle(bytesPerSecond: ForEachDirection): void {
    const { toServer, toClient } = this.faults;
    toServer.bytesPerSecond = bytesPerSecond.toServer ?? toServer.bytesPerSecond;
    toClient.bytesPerSecond = bytesPerSecond.toClient ?? toClient.bytesPerSecond;
    this.wake();
  }

  /** Writes at most so many bytes at once, each piece in a turn of its own. `Infinity` ends it. */
  split(pieceBytes: ForEachDirection): void {
    this.faults.toServer.pieceBytes = pieceBytes.toServer ?? this.faults.toServer.pieceBytes;
    this.faults.toClient.pieceBytes = pieceBytes.toClient ?? this.faults.toClient.pieceBytes;
    this.wake();
  }

  /** Nothing arrives in that direction, no FIN and no RST either, and the connections stay open. Default `hold`. */
  silence(direction: Direction, silence: Silence = 'hold'): void {
    this.faults[direction].silence = silence;
    this.wake();
  }

  /**
   * The server's side of each connection is reset, and the client is not told; nor is it when the server closes a later
   * connection. What the client sends is swallowed.
   */
  halfOpen(): void {
    this.faults.halfOpen = true;
    for (const connection of this.connections) connection.cutServer();
  }

  /** RST to both sides of all present connections, once. Gives how many there were. */
  reset(): number {
    const before = this.counted.connectionsReset;
    for (const connection of this.connections) connection.reset();
    return this.counted.connectionsReset - before;
  }

  /** Accepts new connections only to reset them: an attempt at a closed port could not be counted. Present ones stay. */
  refuse(): void {
    this.faults.refuse = true;
  }

  /** Ends every fault. Bytes that were held go on; a connection that lost bytes or a close is reset. Idempotent. */
  heal(): void {
    endFaults(this.faults);
    for (const connection of this.connections) connection.heal();
  }

  /** Resets all connections, listens no more, and resolves when every socket is gone. Idempotent. */
  close(): Promise<void> {
    this.closed ??= new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      for (const connection of this.connections) connection.close();
    });
    return this.closed;
  }

  private accept(client: Socket): void {
    const { counted: counts, faults, target, options } = this;
    if (faults.refuse || target === undefined || this.closed !== undefined) {
      counts.connectionsRefused += 1;
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    counts.connectionsAccepted += 1;
    const server = connect({ host: LOOPBACK, ...target, allowHalfOpen: true, noDelay: true });
    const onOver = (): void => void this.connections.delete(connection);
    const { intercept } = options;
    const connection = new ProxiedConnection({ client, server, faults, counts, intercept, onOver });
    this.connections.add(connection);
  }

  private wake(): void {
    for (const connection of this.connections) connection.wake();
  }
}
