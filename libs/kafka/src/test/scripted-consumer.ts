import type { Consumer, ConsumerRunConfig, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';

type Listener = (event: { payload: unknown }) => void;

const EVENTS = {
  COMMIT_OFFSETS: 'commit',
  CRASH: 'crash',
  END_BATCH_PROCESS: 'endBatch',
  GROUP_JOIN: 'join',
  HEARTBEAT: 'heartbeat',
  REBALANCING: 'rebalancing',
  REQUEST: 'request',
} as const;

/** Stands in for kafkajs where a test must decide the order of events; it keeps to what kafkajs's source does. */
export class ScriptedConsumer {
  readonly calls: string[] = [];
  readonly committed: unknown[] = [];
  /** Calls that it threw at, because it had crashed. */
  readonly refused: string[] = [];
  /** As after a crash: kafkajs throws at every call to its fetch loop. */
  crashed = false;
  /** As when its run has ended: kafkajs answers a commit that it never sends. */
  ignoresCommits = false;
  connecting: Promise<void> = Promise.resolve();
  private readonly listeners = new Map<string, Listener[]>();
  private config: ConsumerRunConfig | undefined;

  asConsumer(): Consumer {
    return {
      events: EVENTS,
      on: (event: string, listener: Listener) => {
        this.listeners.set(event, [...(this.listeners.get(event) ?? []), listener]);
        return () => {
          this.listeners.set(event, this.listeners.get(event)?.filter((each) => each !== listener) ?? []);
        };
      },
      connect: () => this.connecting,
      subscribe: () => Promise.resolve(),
      run: async (config: ConsumerRunConfig) => {
        this.calls.push('run');
        this.config = config;
      },
      stop: () => Promise.resolve(),
      disconnect: async () => void this.calls.push('disconnect'),
      commitOffsets: async (offsets: unknown) => {
        if (this.ignoresCommits) return;
        this.committed.push(offsets);
        this.emit('COMMIT_OFFSETS');
      },
      pause: ([{ partitions }]: [{ partitions: number[] }]) => this.touch(`pause ${partitions.join()}`),
      resume: ([{ partitions }]: [{ partitions: number[] }]) => this.touch(`resume ${partitions.join()}`),
      seek: ({ partition, offset }: { partition: number; offset: string }) =>
        this.touch(`seek ${partition} to ${offset}`),
    } as unknown as Consumer;
  }

  emit(event: keyof typeof EVENTS, payload: unknown = {}): void {
    for (const listener of this.listeners.get(EVENTS[event]) ?? []) listener({ payload });
  }

  /** A heartbeat that was sent then, and is answered now. */
  heartbeat(sentAt: number): void {
    this.emit('REQUEST', { apiName: 'Heartbeat', sentAt });
    this.emit('HEARTBEAT');
  }

  /** Hands a batch to the reader; gives the offsets that it resolved, once it is done. */
  async feed(
    offsets: readonly number[],
    {
      topic = 'trial',
      partition = 0,
      heartbeat = () => Promise.resolve(),
      lastOffset = offsets.at(-1) ?? -1,
    } = {},
  ): Promise<string[]> {
    const resolved: string[] = [];
    const messages = offsets.map((offset) => ({ offset: String(offset) }) as KafkaMessage);
    await this.config?.eachBatch?.({
      batch: { topic, partition, messages, lastOffset: () => String(lastOffset) },
      resolveOffset: (offset: string) => resolved.push(offset),
      heartbeat,
      isRunning: () => true,
      isStale: () => false,
    } as unknown as EachBatchPayload);
    return resolved;
  }

  private touch(call: string): void {
    if (this.crashed) {
      this.refused.push(call);
      throw new Error('Consumer group was not initialized, consumer#run must be called first');
    }
    this.calls.push(call);
  }
}

/** A client whose consumers are scripted; the last one is the one that is alive. */
export function scriptedKafka(prepare: (consumer: ScriptedConsumer) => void = () => undefined): {
  readonly kafka: Kafka;
  readonly consumers: ScriptedConsumer[];
} {
  const consumers: ScriptedConsumer[] = [];
  const kafka = {
    consumer: () => {
      const consumer = new ScriptedConsumer();
      prepare(consumer);
      consumers.push(consumer);
      return consumer.asConsumer();
    },
  };
  return { kafka: kafka as unknown as Kafka, consumers };
}
