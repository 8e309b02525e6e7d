/**
 * What a proxy really did, counted where it happened and never reset: a fault that was set while nothing passed through
 * leaves its count at 0.
 */
export interface TcpCounts {
  connectionsAccepted: number;
  /** Accepted and reset at once, by `refuse` or because no target is known yet. */
  connectionsRefused: number;
  /** By `reset`, or by a fault that was aimed. */
  connectionsReset: number;
  /** The server's side was cut, and the client not told. */
  connectionsHalfOpened: number;
  /** Lost bytes or a close, and were therefore reset by `heal`. */
  connectionsResetByHeal: number;
  /** Closes of one side that the other was not told of. */
  closesHidden: number;
  bytesToServer: number;
  bytesToClient: number;
  /** Waited for a latency or an aimed delay. */
  bytesDelayed: number;
  bytesThrottled: number;
  /** Stood in a silence that holds. */
  bytesHeld: number;
  /** Taken from the sender and never passed on. */
  bytesSwallowed: number;
  /** Pieces that were written apart although they came together. */
  piecesSplit: number;
}

export function noCounts(): TcpCounts {
  return {
    connectionsAccepted: 0,
    connectionsRefused: 0,
    connectionsReset: 0,
    connectionsHalfOpened: 0,
    connectionsResetByHeal: 0,
    closesHidden: 0,
    bytesToServer: 0,
    bytesToClient: 0,
    bytesDelayed: 0,
    bytesThrottled: 0,
    bytesHeld: 0,
    bytesSwallowed: 0,
    piecesSplit: 0,
  };
}
