import { KafkaAims } from './kafka-aims';
import type { AfterDrop, ResetWhen } from './kafka-aims';
import type { AimHandle, AimOptions } from './aim';
import { KafkaConversation } from './kafka-conversation';
import { noKafkaCounts } from './kafka-counts';
import type { KafkaCounts } from './kafka-counts';
import { TcpProxy } from './tcp-proxy';
import type { TcpProxyOptions } from './tcp-proxy';

export interface KafkaProxyOptions extends Omit<TcpProxyOptions, 'intercept'> {
  /** For aims with a probability: a number from 0 up to 1. Default `Math.random`. */
  readonly random?: () => number;
}

/**
 * A proxy that knows which Kafka request each frame is, and to which request each response belongs, and can therefore
 * aim. It reads plain Kafka without TLS and SASL. The broker must advertise the proxy's address, or clients go round it
 * after their first metadata. Faults by bytes are those of `tcp`.
 */
export class KafkaProxy {
  /** Listens when it resolves. @throws the system's error when the port is taken. */
  static async open({ random = Math.random, ...options }: KafkaProxyOptions = {}): Promise<KafkaProxy> {
    const aims = new KafkaAims(random);
    const counts = noKafkaCounts();
    const tcp = await TcpProxy.open({
      ...options,
      intercept: (connection) => new KafkaConversation(connection, aims, counts),
    });
    return new KafkaProxy(tcp, aims, counts);
  }

  private constructor(
    readonly tcp: TcpProxy,
    private readonly aims: KafkaAims,
    private readonly counted: KafkaCounts,
  ) {}

  /** A copy of the counts as they are now; those of the bytes are in `tcp.counts`. */
  get counts(): KafkaCounts {
    return structuredClone(this.counted);
  }

  /** The broker has done what it was asked for, and its answer never reaches the client. */
  dropResponse(options: AimOptions, andThen: AfterDrop = 'reset'): AimHandle {
    return this.aims.atResponses(options, { kind: 'drop', andThen });
  }

  /** The request waits so long before it is passed on, and all behind it on its connection with it. */
  delayRequest(options: AimOptions, ms: number): AimHandle {
    return this.aims.atRequests(options, { kind: 'delay', ms });
  }

  /** The response waits so long before it is passed on, and all behind it on its connection with it. */
  delayResponse(options: AimOptions, ms: number): AimHandle {
    return this.aims.atResponses(options, { kind: 'delay', ms });
  }

  /**
   * RST to the client when it sends such a request. After `after-forward` the broker may still be at work on it when the
   * client comes again over another connection.
   */
  resetOn(options: AimOptions, when: ResetWhen): AimHandle {
    return this.aims.atRequests(options, { kind: 'reset', when });
  }

  /** Ends every aim, and every fault by bytes: see `TcpProxy.heal`. Idempotent. */
  heal(): void {
    this.aims.clear();
    this.tcp.heal();
  }

  /** As `TcpProxy.close`. */
  close(): Promise<void> {
    this.aims.clear();
    return this.tcp.close();
  }
}
