import { deadLetterTopic, MAX_DEAD_LETTER_OVERHEAD_BYTES } from '@millrace/delivery';
import type { Admin } from 'kafkajs';
import { DeadLetterTopicError, TopicNotFoundError } from './errors';
import { isUnknownTopic } from './log-bounds';
import { createTopics } from './topic-creation';
import type { NewTopic } from './topic-creation';
import { readTopicSettings } from './topic-settings';
import { brokerAnswer } from './write-failure';

const DAY_MS = 86_400_000;
/** Kafka's own bound of a setting of 32 bits. */
const MAX_INT32 = 2_147_483_647;

export interface DeadLetterTopicOptions {
  /** The topics that the group reads; at least one. */
  readonly sources: readonly string[];
  /** How long the topic keeps a dead letter. Default 14 days. */
  readonly retentionMs?: number;
}

/**
 * Creates the topic of a group's dead letters when there is none, and gives its name. It has as many partitions as the largest
 * of its sources and the largest of their replication, and takes their largest record with the headers of a dead letter.
 * A topic that is there stays as it is: what an operator has set is never changed. Idempotent, also by several at once.
 * @throws TopicNotFoundError for a source. @throws DeadLetterTopicError when the broker refuses.
 */
export async function ensureDeadLetterTopic(
  admin: Admin,
  group: string,
  { sources, retentionMs = 14 * DAY_MS }: DeadLetterTopicOptions,
): Promise<string> {
  const name = deadLetterTopic(group);
  try {
    if (await exists(admin, name)) return name;
    const shapes = await Promise.all(sources.map((source) => shapeOf(admin, source)));
    const largest = (of: keyof SourceShape): number => Math.max(...shapes.map((shape) => shape[of]));
    const topic: NewTopic = {
      name,
      partitions: largest('partitions'),
      replicationFactor: largest('replicationFactor'),
      settings: {
        // Not the broker's default: compaction would take all but the last dead letter of a key, and refuse those without one.
        'cleanup.policy': 'delete',
        'retention.ms': String(retentionMs),
        'min.insync.replicas': String(largest('minInSync')),
        'max.message.bytes': String(
          Math.min(largest('maxMessageBytes') + MAX_DEAD_LETTER_OVERHEAD_BYTES, MAX_INT32),
        ),
      },
    };
    await createTopics(
      admin,
      [topic],
      (reasons, cause) => new DeadLetterTopicError(name, reasons.join('; '), cause),
    );
    return name;
  } catch (error) {
    const isForbidden = brokerAnswer(error) === 'TOPIC_AUTHORIZATION_FAILED';
    throw isForbidden && error instanceof Error
      ? new DeadLetterTopicError(name, error.message, error)
      : error;
  }
}

interface SourceShape {
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly minInSync: number;
  readonly maxMessageBytes: number;
}

async function exists(admin: Admin, topic: string): Promise<boolean> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return (topics[0]?.partitions.length ?? 0) > 0;
  } catch (error) {
    if (isUnknownTopic(error)) return false;
    throw error;
  }
}

async function shapeOf(admin: Admin, topic: string): Promise<SourceShape> {
  const settings = await readTopicSettings(admin, topic, ['min.insync.replicas', 'max.message.bytes']);
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const partitions = topics[0]?.partitions ?? [];
  if (partitions.length === 0) throw new TopicNotFoundError(topic);
  return {
    partitions: partitions.length,
    replicationFactor: Math.max(...partitions.map(({ replicas }) => replicas.length)),
    minInSync: Number(settings.get('min.insync.replicas') ?? 1),
    maxMessageBytes: Number(settings.get('max.message.bytes') ?? 1_048_588),
  };
}
