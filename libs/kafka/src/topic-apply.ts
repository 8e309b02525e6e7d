import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import { TopicsNotCreatedError } from './errors';
import { settingsOf } from './topic-plan';
import type { TopicChange } from './topic-plan';

type Creation = Extract<TopicChange, { kind: 'create' }>;
type Configuration = Extract<TopicChange, { kind: 'configure' }>;

const LEADERS_TIMEOUT_MS = 10_000;
const LEADERS_POLL_MS = 50;

/**
 * Makes the changes of a plan; refused ones are left as they are. Idempotent: another who was faster is no error.
 * New topics have their leaders when it resolves.
 * @throws TopicsNotCreatedError with Kafka's reason for each topic; the changes after it are not made.
 */
export async function applyTopics(admin: Admin, changes: readonly TopicChange[]): Promise<void> {
  await createTopics(
    admin,
    changes.filter((change) => change.kind === 'create'),
  );
  for (const change of changes) {
    if (change.kind === 'configure') await configureTopic(admin, change);
  }
}

async function createTopics(admin: Admin, creations: readonly Creation[]): Promise<void> {
  if (creations.length === 0) return;
  try {
    await admin.createTopics({
      // kafkajs gives up at once when the broker that it asks for the leaders has not heard of the topic yet.
      waitForLeaders: false,
      topics: creations.map(({ topic, replication }) => ({
        topic: topic.name,
        numPartitions: topic.partitions,
        replicationFactor: replication.factor,
        configEntries: entriesOf(settingsOf(topic, replication)),
      })),
    });
  } catch (error) {
    const reasons = creationFailures(error);
    if (reasons.length > 0) throw new TopicsNotCreatedError(reasons, error);
  }
  for (const { topic } of creations) await waitForLeaders(admin, topic.name);
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

/**
 * Kafka's AlterConfigs, the only one that kafkajs speaks, resets every setting of the topic that it does not name:
 * those that stay are sent along, also the ones that an operator set and nobody declares.
 */
async function configureTopic(admin: Admin, { topic, settings }: Configuration): Promise<void> {
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic };
  const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
  const present = resources[0]?.configEntries ?? [];
  const own = present.filter(({ configSource }) => configSource === kafkajs.ConfigSource.TOPIC_CONFIG);
  const wanted = {
    ...Object.fromEntries(own.map(({ configName, configValue }) => [configName, configValue])),
    ...Object.fromEntries(settings.map(({ name, to }) => [name, to])),
  };
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ ...resource, configEntries: entriesOf(wanted) }],
  });
}

function entriesOf(settings: Readonly<Record<string, string>>): { name: string; value: string }[] {
  return Object.entries(settings).map(([name, value]) => ({ name, value }));
}
