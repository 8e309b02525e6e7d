import type { Direction } from './tcp-faults';

/** Something to pass on in its turn, or merely to do in its turn. */
export interface Part {
  readonly bytes: Buffer;
  /** Waits so long after its arrival, and everything behind it with it. Default 0. */
  readonly delayMs?: number;
  /** Called when the bytes, and all that came before them, were handed to the receiver's socket. */
  readonly after?: () => void;
}

/** What an interceptor may do to its connection. All are idempotent. */
export interface ConnectionControl {
  /** RST to both sides; what was not passed on is gone. */
  reset(): void;
  /**
   * RST to the client. The server still gets what was passed on, then a FIN: it does the work that it was asked for, and
   * its answer reaches nobody.
   */
  resetClient(): void;
  /** Nothing reaches the client any more, over a connection that stays open until somebody gives it up. */
  hang(): void;
}

/** Reads along on one connection, and says what is passed on. Bytes that it keeps must be bounded by the protocol. */
export interface Interceptor {
  take(direction: Direction, bytes: Buffer): Part[];
  /** The direction has ended: what was kept and is still to be passed on. */
  end(direction: Direction): Part[];
}

export type InterceptorFactory = (connection: ConnectionControl) => Interceptor;
