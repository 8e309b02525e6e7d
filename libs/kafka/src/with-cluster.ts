import type { Kafka } from 'kafkajs';
import { KafkaCluster } from './kafka-cluster';

/**
 * Asks a cluster over a connection that is closed after the answer. Where a call was given up and still runs, whoever is the last
 * to use it closes it. @throws what `question` throws
 */
export async function withCluster<Answer>(
  kafka: Kafka,
  question: (cluster: KafkaCluster) => Promise<Answer>,
): Promise<Answer> {
  const cluster = new KafkaCluster(kafka);
  try {
    return await question(cluster);
  } finally {
    await cluster.close();
  }
}
