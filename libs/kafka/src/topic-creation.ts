import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';

/** A topic as Kafka is asked to make it. */
export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Settings in Kafka's names and spellings. */
  readonly settings: Readonly<Record<string, string>>;
}

const LEADERS_TIMEOUT_MS = 10_000;
const LEADERS_POLL_MS = 50;

/**
 * Creates topics, which have their leaders when it resolves. Idempotent: another who was faster is no error.
 * @throws what `refused` makes of Kafka's reasons, one for each topic that was refused.
 */
export async function createTopics(
  admin: Admin,
  topics: readonly NewTopic[],
  refused: (reasons: readonly string[], cause: unknown) => Error,
): Promise<void> {
  if (topics.length === 0) return;
  try {
    await admin.createTopics({
      // kafkajs gives up at once when the broker that it asks for the leaders has not heard of the topic yet.
      waitForLeaders: false,
      topics: topics.map(({ name, partitions, replicationFactor, settings }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor,
        configEntries: entriesOf(settings),
      })),
    });
  } catch (error) {
    const reasons = creationFailures(error);
    if (reasons.length > 0) throw refused(reasons, error);
  }
  for (const { name } of topics) await waitForLeaders(admin, name);
}

/** kafkajs gathers the topics' errors in one; of a topic that is there by now nothing is left to do. */
function creationFailures(error: unknown): string[] {
  if (!(error instanceof kafkajs.KafkaJSAggregateError)) throw error;
  return error.errors
    .filter((each) => typeof each === 'string' || !('type' in each) || each.type !== 'TOPIC_ALREADY_EXISTS')
    .map((each) => (typeof each === 'string' ? each : `${topicOf(each)} (${each.message})`));
}

function topicOf(error: Error): string {
  return 'topic' in error && typeof error.topic === 'string' ? error.topic : 'a topic';
}

async function waitForLeaders(admin: Admin, topic: string): Promise<void> {
  const deadline = performance.now() + LEADERS_TIMEOUT_MS;
  for (;;) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const partitions = topics[0]?.partitions ?? [];
      if (partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)) {
        // The controller has named the leaders; that they know it themselves is what counts.
        await admin.fetchTopicOffsets(topic);
        return;
      }
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    if (performance.now() > deadline) throw new Error(`The new topic ${topic} has no leaders yet.`);
    await sleep(LEADERS_POLL_MS);
  }
}

/** Settings as kafkajs takes them. */
export function entriesOf(settings: Readonly<Record<string, string>>): { name: string; value: string }[] {
  return Object.entries(settings).map(([name, value]) => ({ name, value }));
}
