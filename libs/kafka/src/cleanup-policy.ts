import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import { TopicNotFoundError } from './errors';
import { isUnknownTopic } from './log-bounds';

/**
 * A topic's `cleanup.policy` as it is in force, the broker's default included.
 * @throws TopicNotFoundError when the topic does not exist.
 */
export async function readCleanupPolicy(admin: Admin, topic: string): Promise<string> {
  const resource = {
    type: kafkajs.ConfigResourceTypes.TOPIC,
    name: topic,
    configNames: ['cleanup.policy'],
  };
  try {
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
    const policy = resources[0]?.configEntries.find(({ configName }) => configName === 'cleanup.policy');
    if (policy === undefined) throw new TopicNotFoundError(topic);
    return policy.configValue;
  } catch (error) {
    throw isUnknownTopic(error) ? new TopicNotFoundError(topic) : error;
  }
}
