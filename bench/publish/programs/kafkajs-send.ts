/** A peer: kafkajs's own producer, the records of flights in batches, several sends in flight. */
import { flightRecords } from '../../flights';
import { kafkajsProducer } from '../../kafkajs-producer';
import { serveRounds } from '../../program';
import { sendBatches } from '../send-batches';
import type { SendInput } from '../send-batches';

await serveRounds(
  async ({ brokers, registryUrl, topic, events, batch, inFlight, withHeaders }: SendInput) => {
    const records = await flightRecords(events, registryUrl);
    const messages = records.map(({ key, value, headers }) =>
      withHeaders ? { key, value, headers } : { key, value },
    );
    const producer = await kafkajsProducer(brokers);
    return () =>
      sendBatches(messages, { batch, inFlight }, async (part) => {
        await producer.send({ topic, acks: -1, messages: part });
      });
  },
);
