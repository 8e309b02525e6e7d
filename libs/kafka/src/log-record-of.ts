import { LooseRecord } from '@millrace/event';
import type { LogRecord, TopicPartition } from '@millrace/event';
import type { KafkaMessage } from 'kafkajs';
import { FetchedRecord } from './consume/fetched-record';

/** A message of an answer as a record of the log. Messages of the formats before Kafka 0.11 have no headers. */
export function logRecordOf(
  { topic, partition }: TopicPartition,
  message: KafkaMessage | FetchedRecord,
): LogRecord {
  if (message instanceof FetchedRecord) return message;
  const { key, value, offset, timestamp } = message;
  return new LooseRecord({
    ...{ topic, partition, offset: BigInt(offset), key, value },
    timestampMs: Number(timestamp),
  });
}
