/** A peer of the latency figure: kafkajs's own producer, one record a send, at a steady rate. */
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { serveRounds } from '../../program';
import { atARate } from '../../at-a-rate';
import { flightRecords } from '../../flights';

interface KafkajsLatencyInput {
  readonly brokers: string[];
  readonly registryUrl: string;
  readonly topic: string;
  readonly perSecond: number;
  readonly seconds: number;
}

await serveRounds(async ({ brokers, registryUrl, topic, perSecond, seconds }: KafkajsLatencyInput) => {
  const records = await flightRecords(perSecond * seconds, registryUrl);
  const producer = new Kafka({ brokers, clientId: 'kafkajs', logLevel: logLevel.ERROR }).producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  return () =>
    atARate(records, perSecond, async ({ key, value, headers }) => {
      await producer.send({ topic, acks: -1, messages: [{ key, value, headers }] });
    });
});
