import { Kafka, logLevel, Partitioners } from 'kafkajs';
import type { Producer } from 'kafkajs';
import { atARate } from './at-a-rate';
import type { Measured } from './figure';
import { flightRecords } from './flights';

export interface SteadyInput {
  readonly brokers: string[];
  readonly registryUrl: string;
  readonly topic: string;
  readonly perSecond: number;
  readonly seconds: number;
}

/** kafkajs's own producer, by its default settings; it is connected. */
export async function kafkajsProducer(brokers: string[]): Promise<Producer> {
  const producer = new Kafka({ brokers, clientId: 'kafkajs', logLevel: logLevel.ERROR }).producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  return producer;
}

/**
 * Prepares the records of flights. What it gives sends them with kafkajs's own producer at a steady rate, one a send, and says
 * how long the sends took. `stamp` makes headers beside a record's own in the moment of its send.
 */
export async function steadySends(
  { brokers, registryUrl, topic, perSecond, seconds }: SteadyInput,
  stamp?: () => Record<string, string>,
): Promise<() => Promise<Measured>> {
  const records = await flightRecords(perSecond * seconds, registryUrl);
  const producer = await kafkajsProducer(brokers);
  return () =>
    atARate(records, perSecond, async ({ key, value, headers: own }) => {
      const headers = stamp === undefined ? own : { ...own, ...stamp() };
      await producer.send({ topic, acks: -1, messages: [{ key, value, headers }] });
    });
}
