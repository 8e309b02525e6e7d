import { join } from 'node:path';
import { catalogue } from '@millrace/contracts';
import type { TopicDefinition } from '@millrace/contracts';
import { addressVariables, answersHttp, compiledTree, freePort, ServerProcess } from '@millrace/stack';
import { applyCatalogue, startTestStack } from '@millrace/testing';
import type { TestService, TestStack } from '@millrace/testing';

/** The servers of a benchmark, with the topic of the flights and one of the same kind for the peers. */
export interface BenchStack {
  readonly brokers: string[];
  readonly registryUrl: string;
  /** Where peers write; it is laid out as the topic that ours write to. */
  readonly peerTopic: string;
  readonly databaseUrl: string;
  /** With these settings beside those that it has by default. */
  startProducer(settings?: Record<string, string>): Promise<TestService>;
  /** The same, for a catalogue in which each topic has an idempotency window of an hour. */
  startProducerWithWindow(): Promise<TestService>;
  stop(): Promise<void>;
}

const PEER_TOPIC = 'bench-peer';
/** Topics are made ready for it, which those who publish without one do not notice. */
const WINDOW = { windowMs: 3_600_000 };

/** Starts them in a directory of their own; what is in the environment is not used. */
export async function startBenchStack(): Promise<BenchStack> {
  const stack = await startTestStack();
  try {
    const brokers = [...stack.addresses.kafkaBrokers];
    const registryUrl = stack.addresses.schemaRegistryUrl;
    const topics = catalogue.topics.map((topic): TopicDefinition => ({ ...topic, idempotency: WINDOW }));
    const peer = topics.map((topic) => ({ ...topic, name: PEER_TOPIC, events: [] }));
    await applyCatalogue({ ...catalogue, topics: [...topics, ...peer] }, { brokers, registryUrl });
    return {
      ...{ brokers, registryUrl, peerTopic: PEER_TOPIC },
      databaseUrl: stack.addresses.databaseUrl,
      startProducer: (settings = {}) => stack.startService('producer', settings),
      startProducerWithWindow: () => startProducerWithWindow(stack),
      stop: () => stack.stop(),
    };
  } catch (error) {
    await stack.stop();
    throw error;
  }
}

async function startProducerWithWindow(stack: TestStack): Promise<TestService> {
  const name = 'producer-with-window';
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = new ServerProcess({
    name,
    command: process.execPath,
    args: [
      ...['--enable-source-maps', '--disable-warning=TimeoutNegativeWarning'],
      join(compiledTree(), 'apps/producer/src/test/once-producer.fixture.js'),
    ],
    env: { ...process.env, ...addressVariables(stack.addresses), HOST: '127.0.0.1', PORT: String(port) },
    logFile: join(stack.directory, 'logs', `${name}.log`),
    ports: [port],
    isReady: answersHttp(`${url}/health/ready`),
  });
  await child.start();
  return { url, process: child };
}
