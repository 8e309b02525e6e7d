/** A peer: the producer of @platformatic/kafka, the records of flights in batches, several sends in flight. */
import { ProduceAcks, Producer } from '@platformatic/kafka';
import { serveRounds } from '../../program';
import { flightRecords } from '../../flights';
import { sendBatches } from '../send-batches';
import type { SendInput } from '../send-batches';

await serveRounds(
  async ({ brokers, registryUrl, topic, events, batch, inFlight, withHeaders }: SendInput) => {
    const records = await flightRecords(events, registryUrl);
    const messages = records.map(({ key, value, headers }) => ({
      ...{ topic, key: Buffer.from(key), value },
      ...(withHeaders ? { headers: toBuffers(headers) } : {}),
    }));
    const producer = new Producer({
      clientId: 'platformatic',
      bootstrapBrokers: brokers,
      autocreateTopics: false,
    });
    return () =>
      sendBatches(messages, { batch, inFlight }, async (part) => {
        await producer.send({ messages: part, acks: ProduceAcks.ALL });
      });
  },
);

/** In the form that it takes without a serializer. */
function toBuffers(headers: Record<string, string>): Map<Buffer, Buffer> {
  return new Map(Object.entries(headers).map(([name, value]) => [Buffer.from(name), Buffer.from(value)]));
}
