import type { TopicDefinition } from '@millrace/contracts';
import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import { landingSettings } from './landing-limit';

/** One difference between the declared topics and the cluster. */
export type TopicChange =
  | {
      readonly kind: 'create';
      readonly topic: TopicDefinition;
      readonly replication: TopicDefinition['replication'];
    }
  | {
      readonly kind: 'configure';
      readonly topic: string;
      readonly settings: readonly { readonly name: string; readonly from: string; readonly to: string }[];
    }
  /** A difference that is never made automatically, and why. */
  | { readonly kind: 'refuse'; readonly topic: string; readonly reason: string };

export interface TopicPlanOptions {
  /**
   * Lowers the declared replication to what the cluster can carry. Meant for the embedded stack of one broker:
   * the plan says so. Without it too few brokers are an error of Kafka's.
   */
  readonly fitReplicationToBrokers?: boolean;
}

/**
 * The difference between the declared topics and the cluster, without making it. Topics of the cluster that
 * nobody declares are left alone; partitions are never added or removed, and topics never deleted.
 */
export async function planTopics(
  admin: Admin,
  topics: readonly TopicDefinition[],
  options: TopicPlanOptions = {},
): Promise<TopicChange[]> {
  const existing = new Set(await admin.listTopics());
  const brokers = (await admin.describeCluster()).brokers.length;
  const changes: TopicChange[] = topics
    .filter((topic) => !existing.has(topic.name))
    .map((topic) => ({ kind: 'create', topic, replication: replicationOf(topic, brokers, options) }));
  const present = topics.filter((topic) => existing.has(topic.name));
  if (present.length === 0) return changes;

  const { topics: metadata } = await admin.fetchTopicMetadata({ topics: present.map(({ name }) => name) });
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: present.map(({ name }) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
  });
  for (const topic of present) {
    const partitions = metadata.find(({ name }) => name === topic.name)?.partitions.length ?? 0;
    if (partitions !== topic.partitions) {
      const reason = `it has ${partitions} partitions and ${topic.partitions} are declared; another count would move keys to other partitions and break their order`;
      changes.push({ kind: 'refuse', topic: topic.name, reason });
    }
    const entries = resources.find(({ resourceName }) => resourceName === topic.name)?.configEntries ?? [];
    const wanted = settingsOf(topic, replicationOf(topic, brokers, options));
    const settings = Object.entries(wanted).flatMap(([name, to]) => {
      const from = entries.find(({ configName }) => configName === name)?.configValue ?? '';
      return from === to ? [] : [{ name, from, to }];
    });
    if (settings.length > 0) changes.push({ kind: 'configure', topic: topic.name, settings });
  }
  return changes;
}

function replicationOf(
  topic: TopicDefinition,
  brokers: number,
  options: TopicPlanOptions,
): TopicDefinition['replication'] {
  if (options.fitReplicationToBrokers !== true || topic.replication.factor <= brokers)
    return topic.replication;
  return { factor: brokers, minInSync: Math.min(topic.replication.minInSync, Math.max(1, brokers - 1)) };
}

/** Kafka's names and spellings of what a topic declares. */
export function settingsOf(
  topic: TopicDefinition,
  replication: TopicDefinition['replication'],
): Record<string, string> {
  return {
    'cleanup.policy': topic.cleanup,
    'retention.ms': topic.retentionMs === 'unlimited' ? '-1' : String(topic.retentionMs),
    'min.insync.replicas': String(replication.minInSync),
    ...(topic.idempotency === undefined ? {} : landingSettings),
  };
}
