import type { Admin } from 'kafkajs';
import { TopicNotFoundError } from './errors';
import { readTopicSettings } from './topic-settings';

const SETTING = 'cleanup.policy';

/**
 * A topic's `cleanup.policy` as it is in force, the broker's default included.
 * @throws TopicNotFoundError when the topic does not exist.
 */
export async function readCleanupPolicy(admin: Admin, topic: string): Promise<string> {
  const policy = (await readTopicSettings(admin, topic, [SETTING])).get(SETTING);
  if (policy === undefined) throw new TopicNotFoundError(topic);
  return policy;
}
