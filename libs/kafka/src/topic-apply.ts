import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import { TopicsNotCreatedError } from './errors';
import { createTopics, entriesOf } from './topic-creation';
import type { NewTopic } from './topic-creation';
import { settingsOf } from './topic-plan';
import type { TopicChange } from './topic-plan';

type Creation = Extract<TopicChange, { kind: 'create' }>;
type Configuration = Extract<TopicChange, { kind: 'configure' }>;

/**
 * Makes the changes of a plan; refused ones are left as they are. Idempotent: another who was faster is no error.
 * New topics have their leaders when it resolves.
 * @throws TopicsNotCreatedError with Kafka's reason for each topic; the changes after it are not made.
 */
export async function applyTopics(admin: Admin, changes: readonly TopicChange[]): Promise<void> {
  const created = changes.filter((change) => change.kind === 'create').map(newTopicOf);
  await createTopics(admin, created, (reasons, cause) => new TopicsNotCreatedError(reasons, cause));
  for (const change of changes) {
    if (change.kind === 'configure') await configureTopic(admin, change);
  }
}

function newTopicOf({ topic, replication }: Creation): NewTopic {
  const { name, partitions } = topic;
  return {
    name,
    partitions,
    replicationFactor: replication.factor,
    settings: settingsOf(topic, replication),
  };
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
