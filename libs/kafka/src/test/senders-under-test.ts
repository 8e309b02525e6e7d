import { Partitioners } from 'kafkajs';
import type { Kafka } from 'kafkajs';
import { BatchSender } from '../produce/batch-sender';
import { encodeHeaders, NO_HEADERS } from '../produce/encoded-headers';
import type { PlainRecord } from './plain-record';

/** What writes batches, tried once each. */
export interface SenderUnderTest {
  /** Resolves with the offset of the first record. Rejects with what `classifyWriteFailure` understands. */
  write(topic: string, partition: number, records: readonly PlainRecord[]): Promise<bigint>;
  close(): Promise<void>;
}

export const senders: readonly { readonly name: string; readonly make: (kafka: Kafka) => SenderUnderTest }[] =
  [
    { name: 'the sender of the log writer', make: ourSender },
    { name: 'kafkajs’s own producer', make: kafkajsSender },
  ];

function ourSender(kafka: Kafka): SenderUnderTest {
  const sender = new BatchSender(kafka, { onPartitionsChanged: () => undefined, sequenced: false });
  return {
    write: async (topic, partition, records) => {
      await sender.connect(topic, partition);
      const encoded = records.map((record) => ({
        ...record,
        sharedHeaders: NO_HEADERS,
        headers: encodeHeaders(record.headers),
      }));
      return sender.send(topic, partition, encoded);
    },
    close: () => sender.close(),
  };
}

function kafkajsSender(kafka: Kafka): SenderUnderTest {
  const producer = kafka.producer({
    allowAutoTopicCreation: false,
    idempotent: false,
    metadataMaxAge: 1_000,
    createPartitioner: Partitioners.DefaultPartitioner,
    retry: { retries: 0 },
  });
  return {
    write: async (topic, partition, records) => {
      await producer.connect();
      const messages = records.map(({ key, value, headers, timestampMs }) => ({
        ...{ key, value, headers, partition, timestamp: String(timestampMs) },
      }));
      const [written] = await producer.send({ topic, acks: -1, messages });
      if (written?.baseOffset === undefined) throw new Error('acknowledged without an offset');
      return BigInt(written.baseOffset);
    },
    close: () => producer.disconnect(),
  };
}
