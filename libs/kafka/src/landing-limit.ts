import type { Admin } from 'kafkajs';
import { readTopicSettings } from './topic-settings';

/**
 * A record of a topic with an idempotency window carries the time of its reservation, and the broker takes no record whose
 * time is further than this from its own clock. So once this time has gone by, a record that is not in the log never will
 * be, wherever its bytes are waiting: in a suspended process, in a buffer of the network, in a broker's queue.
 */
export const LANDING_LIMIT_MS = 15_000;

/** The settings of a topic by which its brokers keep the limit (KIP-937; Kafka 3.6 and newer). */
export const landingSettings: Readonly<Record<string, string>> = {
  'message.timestamp.before.max.ms': String(LANDING_LIMIT_MS),
  'message.timestamp.after.max.ms': String(LANDING_LIMIT_MS),
  'message.timestamp.type': 'CreateTime',
};

/**
 * The settings of a topic that are not as the limit needs them, as `name=value`; none when it is kept.
 * @throws TopicNotFoundError when the topic does not exist.
 */
export async function readLandingDeviations(admin: Admin, topic: string): Promise<string[]> {
  const settings = await readTopicSettings(admin, topic, Object.keys(landingSettings));
  return Object.entries(landingSettings).flatMap(([name, wanted]) => {
    const value = settings.get(name) ?? 'not known';
    return value === wanted ? [] : [`${name}=${value}`];
  });
}
