import type { ProxiedTestStack } from '@millrace/testing';
import { declaredTopic, readLog, silentLogger, uniqueName, waitFor } from '@millrace/testing';
import { createKafkaClient } from '../kafka-client';
import { KafkaCluster } from '../kafka-cluster';
import { classifyWriteFailure } from '../write-failure';
import { textRecord } from './plain-record';
import type { SenderUnderTest, senders } from './senders-under-test';

/** What every way of writing batches has to say and to do when something breaks. */
export function describeBatchSenderFaults(
  { name, make }: (typeof senders)[number],
  stackOf: () => ProxiedTestStack,
): void {
  describe(`written by ${name}`, () => {
    let stack: ProxiedTestStack;
    let cluster: KafkaCluster;
    let sender: SenderUnderTest;

    beforeAll(() => {
      stack = stackOf();
      cluster = new KafkaCluster(clientOf(stack.directAddresses.kafkaBrokers));
    });
    afterAll(() => cluster.close());
    beforeEach(() => {
      sender = make(clientOf(stack.addresses.kafkaBrokers));
    });
    afterEach(async () => {
      stack.proxies.heal();
      await sender.close();
    });

    function clientOf(brokers: readonly string[]) {
      return createKafkaClient({
        ...{ brokers, clientId: 'sender', requestTimeoutMs: 1_000, retries: 2, log: silentLogger },
      });
    }

    async function makeTopic(): Promise<string> {
      const topic = declaredTopic(uniqueName('batches'), { partitions: 1 });
      await cluster.applyTopics(await cluster.planTopics([topic]));
      return topic.name;
    }

    const write = (topic: string, text: string): Promise<bigint> =>
      sender.write(topic, 0, [textRecord(text)]);
    const failureOf = (writing: Promise<unknown>) =>
      writing.then(
        () => 'written',
        (error: unknown) => classifyWriteFailure(error as Error),
      );
    const inLog = async (topic: string): Promise<string[]> =>
      (await readLog(topic, stack.directAddresses.kafkaBrokers)).map(({ value }) => String(value));

    it.each(['reset', 'hang'] as const)(
      'a batch whose answer is lost (%s) has an unknown outcome, and the next one is written',
      async (andThen) => {
        const topic = await makeTopic();
        await write(topic, 'before');
        const drop = stack.proxies.kafka.dropResponse({ api: 'Produce', nth: 1 }, andThen);
        expect(await failureOf(write(topic, 'lost'))).toBe('unknown');
        expect(drop.happened).toBe(1);
        stack.proxies.heal();
        expect(await waitFor('the next batch', () => write(topic, 'after'))).toBe(2n);
        expect(await inLog(topic)).toEqual(['before', 'lost', 'after']);
      },
    );

    it('a batch that a reset kept from the broker is not said to be written, nor refused for good', async () => {
      const topic = await makeTopic();
      await write(topic, 'before');
      stack.proxies.kafka.resetOn({ api: 'Produce', nth: 1 }, 'before-forward');
      expect(await failureOf(write(topic, 'lost'))).toMatch(/^(not-written|unknown)$/);
      expect(await waitFor('the next batch', () => write(topic, 'after'))).toBe(1n);
      expect(await inLog(topic)).toEqual(['before', 'after']);
    });

    it('what is called not-written is not in the log, and a broker that comes back is found', async () => {
      const topic = await makeTopic();
      await write(topic, 'before');
      await stack.servers.kafka?.kill('SIGKILL');
      const failure = await failureOf(write(topic, 'while it is away'));
      expect(failure).toMatch(/^(not-written|unknown)$/);
      await stack.servers.kafka?.start();
      await waitFor('the next batch', () => write(topic, 'after'));
      const texts = await inLog(topic);
      expect([...new Set(texts)]).toEqual(['before', 'after']);
    });
  });
}
