import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import { TopicNotFoundError } from './errors';
import { isUnknownTopic } from './log-bounds';

/**
 * Settings of a topic by their names, as they are in force, the broker's defaults included; without those that this broker
 * does not know. @throws TopicNotFoundError when the topic does not exist.
 */
export async function readTopicSettings(
  admin: Admin,
  topic: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: [...names] };
  try {
    const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
    const entries = resources[0]?.configEntries ?? [];
    return new Map(entries.map(({ configName, configValue }) => [configName, configValue]));
  } catch (error) {
    throw isUnknownTopic(error) ? new TopicNotFoundError(topic) : error;
  }
}
