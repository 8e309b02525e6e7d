import { checkSchemas } from './check-schemas';
import { checkCompaction, checkLogStart, checkPartitionCount } from './check-topic';
import { checkTopicIdentity } from './check-topic-identity';
import type { RebuildFacts } from './rebuild-facts';
import type { Refusal } from './refusal';

/**
 * Every reason why a rebuild of the projection from offset zero cannot be right; none when nothing known speaks
 * against it. Topics that the projection does not read are passed over.
 *
 * What it cannot see: events that were compacted away before the topic's `cleanup.policy` was changed back, and
 * records whose schema the registry has forgotten. The latter halt the rebuild when they are read.
 */
export function checkRebuild(facts: RebuildFacts): Refusal[] {
  const { projection } = facts;
  const perTopic = projection.topics.flatMap((name) => {
    const topic = facts.topics.find((each) => each.topic === name);
    if (topic === undefined || topic.partitions.length === 0) return [topicIsMissing(name)];
    const live = facts.live.filter((position) => position.topic === name);
    return [
      ...checkLogStart(topic),
      ...checkPartitionCount(topic, live),
      ...checkTopicIdentity(topic, live),
      ...checkCompaction(topic, projection),
    ];
  });
  return [...perTopic, ...checkSchemas(projection, facts.schemas)];
}

function topicIsMissing(topic: string): Refusal {
  return {
    check: 'topic-identity',
    where: topic,
    reason: `this Kafka cluster has no topic ${topic}: a rebuild would begin with nothing`,
    remedy:
      'Check that KAFKA_BROKERS names the right cluster. If the topic was deleted, restore it with its records ' +
      'from a backup; the live read model keeps its rows until then.',
  };
}
