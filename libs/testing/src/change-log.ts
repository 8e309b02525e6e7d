import { createKafkaClient, withCluster } from '@millrace/kafka';
import { serversUnderTest } from './servers-under-test';
import { silentLogger } from './silent-logger';
import { waitFor } from './wait-for';

type Admin = ReturnType<ReturnType<typeof createKafkaClient>['admin']>;

/**
 * Sets the offsets that Kafka remembers for a group, one for each partition, as a tool would. The group must have no
 * member then.
 */
export async function moveGroupOffsets(
  groupId: string,
  topic: string,
  offsets: readonly bigint[],
): Promise<void> {
  const partitions = offsets.map((offset, partition) => ({ partition, offset: offset.toString() }));
  await withAdmin((admin) => admin.setOffsets({ groupId, topic, partitions }));
}

/** Deletes a topic and makes it again under its name: another log, whose offsets begin anew. */
export async function makeTopicAgain(topic: string, partitions: number): Promise<void> {
  await withAdmin(async (admin) => {
    await admin.deleteTopics({ topics: [topic] });
    // It counts as there for as long as the broker is still deleting it.
    const topics = [{ topic, numPartitions: partitions }];
    await waitFor('the topic to be made again', () => admin.createTopics({ topics, waitForLeaders: false }));
  });
}

/**
 * Gives a topic more partitions, as an operator could by hand, and waits until the brokers say so; keys move to others by
 * that. `brokers` are by default those of the servers under test.
 */
export async function growTopic(
  topic: string,
  partitions: number,
  brokers?: readonly string[],
): Promise<void> {
  const topicPartitions = [{ topic, count: partitions }];
  await withAdmin(async (admin) => {
    await admin.createPartitions({ topicPartitions });
    // The controller has answered; the brokers hear of it a moment later.
    await waitFor(`${partitions} partitions of ${topic} to be known`, async () => {
      const known = await admin.fetchTopicOffsets(topic);
      return known.length === partitions;
    });
  }, brokers);
}

/**
 * Lets the broker compact a topic from now on, as an operator could by hand. `brokers` are by default those of the servers
 * under test.
 */
export async function compactTopic(
  topic: string,
  brokers: readonly string[] = serversUnderTest().brokers,
): Promise<void> {
  const settings = [{ name: 'cleanup.policy', from: 'delete', to: 'compact' }];
  await withCluster(createKafkaClient({ brokers, clientId: 'specs', log: silentLogger }), (cluster) =>
    cluster.applyTopics([{ kind: 'configure', topic, settings }]),
  );
}

/** Removes a partition's records below an offset, as retention does. */
export async function deleteRecordsBefore(topic: string, partition: number, offset: bigint): Promise<void> {
  const partitions = [{ partition, offset: offset.toString() }];
  await withAdmin(async (admin) => {
    // kafkajs must have met the topic before.
    await admin.fetchTopicOffsets(topic);
    await admin.deleteTopicRecords({ topic, partitions });
  });
}

async function withAdmin(
  change: (admin: Admin) => Promise<unknown>,
  brokers: readonly string[] = serversUnderTest().brokers,
): Promise<void> {
  const admin = createKafkaClient({ brokers, clientId: 'specs', log: silentLogger }).admin();
  await admin.connect();
  try {
    await change(admin);
  } finally {
    await admin.disconnect();
  }
}
