import type { StackAddresses } from '@millrace/stack';
import { KafkaProxy } from './kafka-proxy';
import type { KafkaProxyOptions } from './kafka-proxy';
import { TcpProxy } from './tcp-proxy';

/** A proxy in front of each server of a stack, all on ports of 127.0.0.1 that they keep until `close`. */
export class ServerProxies {
  /** They listen when it resolves, and refuse connections until `pointAt`: a broker must know its proxy's port first. */
  static async open(options: Pick<KafkaProxyOptions, 'random'> = {}): Promise<ServerProxies> {
    return new ServerProxies(await KafkaProxy.open(options), await TcpProxy.open(), await TcpProxy.open());
  }

  private constructor(
    readonly kafka: KafkaProxy,
    readonly postgres: TcpProxy,
    readonly registry: TcpProxy,
  ) {}

  /**
   * Sends connections on to the servers at `direct`, and to Kafka by `kafkaPort`, the listener that advertises the proxy.
   * Gives the addresses that lead through the proxies.
   */
  pointAt(direct: StackAddresses, kafkaPort: number): StackAddresses {
    this.kafka.tcp.pointAt({ port: kafkaPort });
    return {
      kafkaBrokers: [this.kafka.tcp.address],
      schemaRegistryUrl: through(this.registry, direct.schemaRegistryUrl),
      databaseUrl: through(this.postgres, direct.databaseUrl),
    };
  }

  /** Ends every fault of all three. Idempotent. */
  heal(): void {
    this.kafka.heal();
    this.postgres.heal();
    this.registry.heal();
  }

  /** Resets all connections and listens no more. Idempotent. */
  async close(): Promise<void> {
    await Promise.all([this.kafka.close(), this.postgres.close(), this.registry.close()]);
  }
}

/** The same URL with the proxy's address; the proxy then goes where the URL led. */
function through(proxy: TcpProxy, address: string): string {
  const url = new URL(address);
  proxy.pointAt({ host: url.hostname, port: Number(url.port) });
  url.host = proxy.address;
  return url.href;
}
