import './patches/fresh-connections';
import './patches/lazy-records';
import type { Logger } from '@millrace/contracts';
import { Kafka, logLevel } from 'kafkajs';

export interface KafkaClientOptions {
  /** `host:port` of at least one broker; the others are learned from it. */
  readonly brokers: readonly string[];
  /** Shown in the broker's own logs and quotas. */
  readonly clientId: string;
  readonly log: Logger;
  /** How long one request may take before its outcome counts as unknown. Default 10,000 ms. */
  readonly requestTimeoutMs?: number;
  /** How often a failed connection is tried again before a call fails. Default 8, which takes about 10 s. */
  readonly retries?: number;
}

/** A client for one cluster. It connects lazily and holds no connection of its own. */
export function createKafkaClient(options: KafkaClientOptions): Kafka {
  return new Kafka({
    brokers: [...options.brokers],
    clientId: options.clientId,
    connectionTimeout: 3_000,
    requestTimeout: options.requestTimeoutMs ?? 10_000,
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: options.retries ?? 8 },
    logLevel: logLevel.INFO,
    logCreator: () => (entry) => {
      const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...fields } = entry.log;
      const about = { kafkajs: entry.namespace, ...fields };
      // kafkajs reports at ERROR what it then retries by itself; what matters reaches our own code as an error.
      if (entry.level === logLevel.ERROR || entry.level === logLevel.WARN) options.log.warn(about, message);
      else options.log.debug(about, message);
    },
  });
}
