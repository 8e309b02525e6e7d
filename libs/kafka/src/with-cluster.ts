import type { Kafka } from 'kafkajs';
import { KafkaCluster } from './kafka-cluster';

/** A connection of its own, closed by whoever is the last to use it: a call that was given up may still run. */
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
