import { catalogue } from '@millrace/contracts';
import type { TopicDefinition } from '@millrace/contracts';
import { applyCatalogue, startTestStack } from '@millrace/testing';
import type { TestService, TestStack } from '@millrace/testing';

/** The servers of a benchmark, with the topic of the flights and one of the same kind for the peers. */
export interface BenchStack {
  readonly brokers: string[];
  readonly registryUrl: string;
  /** Where peers write; it is laid out as the topic that ours write to. */
  readonly peerTopic: string;
  startProducer(): Promise<TestService>;
  stop(): Promise<void>;
}

const PEER_TOPIC = 'bench-peer';

/** Starts them in a directory of their own; what is in the environment is not used. */
export async function startBenchStack(): Promise<BenchStack> {
  const stack = await startTestStack();
  try {
    const brokers = [...stack.addresses.kafkaBrokers];
    const registryUrl = stack.addresses.schemaRegistryUrl;
    const topics = catalogue.topics.map((topic): TopicDefinition => topic);
    const peer = topics.map((topic) => ({ ...topic, name: PEER_TOPIC, events: [] }));
    await applyCatalogue({ ...catalogue, topics: [...topics, ...peer] }, { brokers, registryUrl });
    return {
      ...{ brokers, registryUrl, peerTopic: PEER_TOPIC },
      startProducer: () => startProducer(stack),
      stop: () => stack.stop(),
    };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

/** With the settings that it has by default. */
function startProducer(stack: TestStack): Promise<TestService> {
  return stack.startService('producer', {});
}
