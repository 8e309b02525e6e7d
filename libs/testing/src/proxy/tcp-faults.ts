/** Which way bytes go through a proxy. */
export type Direction = 'toServer' | 'toClient';

/**
 * How a direction is silent. `hold`: bytes stay in the proxy and arrive, in order, once it is healed, as TCP's
 * retransmissions do after a short partition. `swallow`: they never arrive; a connection that lost some is reset when
 * the proxy is healed, because no TCP stream goes on after a gap.
 */
export type Silence = 'hold' | 'swallow';

/** What is done to one direction of every connection; what is not wanted is 0, `Infinity` or undefined. */
export interface DirectionFaults {
  latencyMs: number;
  /** Of each connection on its own. */
  bytesPerSecond: number;
  /** The largest piece that is written at once. */
  pieceBytes: number;
  silence: Silence | undefined;
}

/** The faults of a proxy as they are now; its connections read them whenever they go on. */
export interface TcpFaults {
  readonly toServer: DirectionFaults;
  readonly toClient: DirectionFaults;
  halfOpen: boolean;
  refuse: boolean;
}

export function noFaults(): TcpFaults {
  return { toServer: healthy(), toClient: healthy(), halfOpen: false, refuse: false };
}

/** Ends every fault, in place. */
export function endFaults(faults: TcpFaults): void {
  Object.assign(faults.toServer, healthy());
  Object.assign(faults.toClient, healthy());
  faults.halfOpen = false;
  faults.refuse = false;
}

function healthy(): DirectionFaults {
  return {
    latencyMs: 0,
    bytesPerSecond: Number.POSITIVE_INFINITY,
    pieceBytes: Number.POSITIVE_INFINITY,
    silence: undefined,
  };
}
