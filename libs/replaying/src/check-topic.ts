import type { LivePosition, ProjectionFacts, TopicFacts } from './rebuild-facts';
import type { Refusal } from './refusal';

/** A rebuild from zero needs offset zero: what retention or a deletion took is not in the log any more. */
export function checkLogStart({ topic, partitions }: TopicFacts): Refusal[] {
  return partitions.flatMap(({ start }, partition): Refusal[] => {
    if (start === 0n) return [];
    return [
      {
        check: 'log-start',
        where: `${topic}/${partition}`,
        reason:
          `the log starts at offset ${start}: what lay below was removed, by retention or by hand, and a rebuild ` +
          'from zero would be without it',
        remedy:
          `Keep the live read model, this log cannot make it again. Declare retention: unlimited for ${topic} in ` +
          'its topics.yaml and run `millrace topics apply`, so that no more is lost. To rebuild all the same, bring ' +
          'all records together in a new topic, the removed ones from a backup, and let a new version of the ' +
          'projection read that one.',
      },
    ];
  });
}

/** With another number of partitions, keys lie in others than before: the order of their events is broken. */
export function checkPartitionCount(topic: TopicFacts, live: readonly LivePosition[]): Refusal[] {
  const present = topic.partitions.length;
  const before = new Set(
    live.map(({ partitionCount }) => partitionCount).filter((count) => count !== present),
  );
  if (before.size === 0) return [];
  const counts = [...before].sort((a, b) => a - b).join(' and ');
  const hadMore = [...before].some((count) => count > present);
  return [
    {
      check: 'partition-count',
      where: topic.topic,
      reason:
        `the topic has ${partitionsOf(present)}, and had ${counts} when the live read model stood in it: ` +
        'keys have moved, so the events of one key lie in two partitions, without an order between them',
      remedy:
        (hadMore
          ? 'Kafka never takes partitions away, so the topic was made again, or KAFKA_BROKERS names another cluster: ' +
            'check that first. '
          : '') +
        'Partitions that were added stay. The way out is a new topic that has its partitions from the start: copy the ' +
        'records there, those of each key in the order in which they happened, and let a new version of the projection ' +
        'read it.',
    },
  ];
}

/**
 * Compaction leaves the latest event of a key: enough for a fold that needs no other, and for that alone. It takes a deleted
 * key's events, and after a while its tombstone too: deleted and never seen must be the same.
 */
export function checkCompaction(
  { topic, cleanupPolicy }: TopicFacts,
  projection: ProjectionFacts,
): Refusal[] {
  const isCompacted = cleanupPolicy.split(',').some((policy) => policy.trim() === 'compact');
  if (!isCompacted) return [];
  const removed = `cleanup.policy is ${cleanupPolicy}: Kafka removes an event once a later one has the same key`;
  const elsewhere =
    'Let a new version of the projection read a topic with cleanup: delete that holds every event. To declare ' +
    `${topic} otherwise is no way out: what was removed stays away, and the rebuild would no longer be refused.`;
  const refusal = (reason: string, remedy: string): Refusal[] => [
    { check: 'compaction', where: topic, reason, remedy },
  ];
  if (projection.kind === 'aggregate')
    return refusal(`${removed}, and an aggregate counts them all`, elsewhere);
  if (!projection.latestWins) {
    return refusal(
      `${removed}, and the projection does not declare that the latest event says everything`,
      `If, and only if, every event in ${topic} carries the whole state of its key, declare latestWins: true in the ` +
        `projection. ${elsewhere}`,
    );
  }
  if (projection.tombstones === 'delete') return [];
  return refusal(
    `cleanup.policy is ${cleanupPolicy}: Kafka removes a deleted key altogether, its tombstone too after a while, and ` +
      'the projection does not delete the rows of deleted keys: a rebuild would be without them',
    "Declare tombstones: 'delete' in a new version of the projection, and rebuild that one.",
  );
}

function partitionsOf(count: number): string {
  return count === 1 ? '1 partition' : `${count} partitions`;
}
