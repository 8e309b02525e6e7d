import type { TopicPartition } from '@millrace/event';
import { groupOf } from '@millrace/projecting';
import type { ProjectionBuild } from '@millrace/projecting';

/** What tells the series of one build from those of others, in every service that has some. */
export function buildLabels(build: ProjectionBuild): Record<string, string> {
  return {
    projection: build.projection,
    version: String(build.version),
    build: String(build.build),
  };
}

/** Of one partition of a build; joins OpenTelemetry's metrics of messaging by their labels. */
export function buildPartitionLabels(
  build: ProjectionBuild,
  { topic, partition }: TopicPartition,
): Record<string, string> {
  return {
    ...buildLabels(build),
    messaging_system: 'kafka',
    messaging_consumer_group_name: groupOf(build),
    messaging_destination_name: topic,
    messaging_destination_partition_id: String(partition),
  };
}
