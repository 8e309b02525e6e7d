import { setTimeout as sleep } from 'node:timers/promises';
import type { TcpCounts, TcpProxy } from '@millrace/testing';
import { HAPPENS_WITHIN_MS } from './fault';
import type { Fault } from './fault';
import type { Patient } from './patient';
import type { ServiceName } from './services';

const LATENCY_MS = 120;
const THROTTLED_BYTES_PER_SECOND = 40_000;
const PIECE_BYTES = 7;
const POLL_MS = 20;
/** The registry is asked at their start alone. */
const READERS_OF_THE_REGISTRY: readonly ServiceName[] = ['producer', 'consumer', 'projection'];

interface Misbehaviour {
  /** Done again until something has met it: what comes once passes those by that are not there yet. */
  readonly begin: (proxy: TcpProxy) => void;
  /** Where it shows that something did. */
  readonly count: keyof TcpCounts;
}

/** Lets the network in front of a server misbehave for a while, and says whether anything met it. */
export async function injectProxyFault(fault: Fault, patient: Patient): Promise<boolean> {
  const { proxies } = patient.stack;
  switch (fault.target) {
    case 'kafka-proxy':
      if (fault.kind === 'produce-response-lost') return loseProduceResponses(fault, patient);
      return misbehave(fault, proxies.kafka.tcp);
    case 'postgres-proxy':
      return misbehave(fault, proxies.postgres);
    case 'registry-proxy':
      return whileOneStarts(fault, patient, () => misbehave(fault, proxies.registry));
    default:
      throw new Error(`there is no proxy ${fault.target}`);
  }
}

async function loseProduceResponses({ forMs }: Fault, { stack }: Patient): Promise<boolean> {
  const aim = stack.proxies.kafka.dropResponse({ api: 'Produce', probability: 0.5 });
  await sleep(forMs);
  await untilMet(() => aim.happened > 0);
  aim.end();
  return aim.happened > 0;
}

async function misbehave(fault: Fault, proxy: TcpProxy): Promise<boolean> {
  const { begin, count } = misbehaviourOf(fault);
  const before = proxy.counts[count];
  const isMet = () => proxy.counts[count] > before;
  const endsAt = performance.now() + fault.forMs;
  await untilMet(() => {
    begin(proxy);
    return isMet();
  });
  await sleep(Math.max(0, endsAt - performance.now()));
  // Connections that lost something are reset now, as a firewall's would be.
  proxy.heal();
  return isMet();
}

function misbehaviourOf({ kind, direction = 'toClient' }: Fault): Misbehaviour {
  switch (kind) {
    case 'reset':
      return { begin: (proxy) => void proxy.reset(), count: 'connectionsReset' };
    case 'silence':
      return { begin: (proxy) => proxy.silence(direction, 'swallow'), count: 'bytesSwallowed' };
    case 'half-open':
      return { begin: (proxy) => proxy.halfOpen(), count: 'connectionsHalfOpened' };
    case 'latency':
      return {
        begin: (proxy) => proxy.latency({ toServer: LATENCY_MS, toClient: LATENCY_MS }),
        count: 'bytesDelayed',
      };
    case 'throttle': {
      const bytesPerSecond = { toServer: THROTTLED_BYTES_PER_SECOND, toClient: THROTTLED_BYTES_PER_SECOND };
      return { begin: (proxy) => proxy.throttle(bytesPerSecond), count: 'bytesThrottled' };
    }
    case 'split':
      return {
        begin: (proxy) => proxy.split({ toServer: PIECE_BYTES, toClient: PIECE_BYTES }),
        count: 'piecesSplit',
      };
    default:
      throw new Error(`${kind} is no fault of a proxy`);
  }
}

/** Nothing asks the registry but a service that starts: one more has to come up in spite of what is done meanwhile. */
async function whileOneStarts(
  fault: Fault,
  patient: Patient,
  hurt: () => Promise<boolean>,
): Promise<boolean> {
  const name = READERS_OF_THE_REGISTRY[fault.atMs % READERS_OF_THE_REGISTRY.length] ?? 'producer';
  const [happened, extra] = await Promise.all([hurt(), patient.addInstance(name)]);
  await extra.stop();
  return happened;
}

async function untilMet(isMet: () => boolean): Promise<void> {
  const deadline = performance.now() + HAPPENS_WITHIN_MS;
  while (!isMet() && performance.now() < deadline) await sleep(POLL_MS);
}
