/** The load of the latency figure: records at a steady rate, one a send, until it is stopped or has sent all. */
import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { atARate } from '../../at-a-rate';
import { flightRecords } from '../../flights';
import { serveRounds } from '../../program';
import { nowMs, SENT_AT } from '../sent-at';

interface SteadyInput {
  readonly brokers: string[];
  readonly registryUrl: string;
  readonly topic: string;
  readonly perSecond: number;
  readonly seconds: number;
}

await serveRounds(async ({ brokers, registryUrl, topic, perSecond, seconds }: SteadyInput) => {
  const records = await flightRecords(perSecond * seconds, registryUrl);
  const producer = new Kafka({ brokers, clientId: 'load', logLevel: logLevel.ERROR }).producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  // Events of its own: those that the log holds already would be dropped as repeats.
  const source = `/bench/${randomUUID()}`;
  await producer.connect();
  return () =>
    atARate(records, perSecond, async ({ key, value, headers }) => {
      const stamped = { ...headers, ce_source: source, [SENT_AT]: String(nowMs()) };
      await producer.send({ topic, acks: -1, messages: [{ key, value, headers: stamped }] });
    });
});
