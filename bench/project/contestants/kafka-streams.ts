import { availableParallelism } from 'node:os';
import type { Contestant } from '../../figure';
import { javaProgram, schemasById } from '../../java-program';
import type { ProjectStack } from '../project-stack';

const STREAMS = {
  pom: 'bench/project/streams/pom.xml',
  name: 'bench-streams',
  what: 'Kafka Streams, RocksDB and Avro (once, about 90 MB)',
};

export interface KafkaStreamsOptions {
  readonly stack: ProjectStack;
  readonly model: 'flight' | 'airport';
  readonly exactlyOnce: boolean;
}

/** Kafka Streams in a Java of its own, new in each round, over the records that ours reads. */
export async function kafkaStreams({ stack, model, exactlyOnce }: KafkaStreamsOptions): Promise<Contestant> {
  const { brokers, registryUrl, topic, events } = stack;
  const guarantee = exactlyOnce ? 'exactly_once_v2' : 'at_least_once';
  const threads = availableParallelism();
  const program = await javaProgram(STREAMS, 'bench/project/streams/Streams.java');
  const args = [brokers.join(), topic, model, guarantee, String(threads), String(events)];
  const schemas = await schemasById(registryUrl);
  return {
    name: exactlyOnce ? 'streams-exactly-once' : 'streams-at-least-once',
    settings: `Kafka Streams, ${guarantee}, ${threads} threads, all else by default: RocksDB, a cache of 10 MB, a changelog; ${
      model === 'airport' ? 'partial rows of each partition, as ours; ' : ''
    }from the first event to the last, the Java virtual machine is new`,
    round: () => program.run([...args, ...schemas]),
    close: () => Promise.resolve(),
  };
}
