import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerProxies, TcpProxy } from '@millrace/testing';
import type { Fault } from './fault';

const LATENCY_MS = 120;
const THROTTLED_BYTES_PER_SECOND = 40_000;
const PIECE_BYTES = 7;

/** Lets the network in front of a server misbehave for a while, and says whether anything met it. */
export async function injectProxyFault(fault: Fault, proxies: ServerProxies): Promise<boolean> {
  if (fault.kind === 'produce-response-lost') {
    const aim = proxies.kafka.dropResponse({ api: 'Produce', probability: 0.5 });
    await sleep(fault.forMs);
    aim.end();
    return aim.happened > 0;
  }
  const proxy = proxyOf(fault, proxies);
  const before = proxy.counts;
  switch (fault.kind) {
    case 'reset':
      return proxy.reset() > 0;
    case 'latency':
      proxy.latency({ toServer: LATENCY_MS, toClient: LATENCY_MS });
      await sleep(fault.forMs);
      proxy.latency({ toServer: 0, toClient: 0 });
      return proxy.counts.bytesDelayed > before.bytesDelayed;
    case 'throttle':
      proxy.throttle({ toServer: THROTTLED_BYTES_PER_SECOND, toClient: THROTTLED_BYTES_PER_SECOND });
      await sleep(fault.forMs);
      proxy.throttle({ toServer: Infinity, toClient: Infinity });
      return proxy.counts.bytesThrottled > before.bytesThrottled;
    case 'split':
      proxy.split({ toServer: PIECE_BYTES, toClient: PIECE_BYTES });
      await sleep(fault.forMs);
      proxy.split({ toServer: Infinity, toClient: Infinity });
      return proxy.counts.piecesSplit > before.piecesSplit;
    case 'silence': {
      // What was swallowed is gone: the connections that lost it are reset at the end, as a firewall's would be.
      proxy.silence('toClient', 'swallow');
      await sleep(fault.forMs);
      proxy.heal();
      return proxy.counts.bytesSwallowed > before.bytesSwallowed;
    }
    default:
      throw new Error(`${fault.kind} is no fault of a proxy`);
  }
}

function proxyOf({ target }: Fault, proxies: ServerProxies): TcpProxy {
  switch (target) {
    case 'kafka-proxy':
      return proxies.kafka.tcp;
    case 'postgres-proxy':
      return proxies.postgres;
    case 'registry-proxy':
      return proxies.registry;
    default:
      throw new Error(`there is no proxy ${target}`);
  }
}
