import type { TopicPartition } from '@millrace/event';
import type { Consumer } from 'kafkajs';

/** What an assigned partition may ask of the consumer that fetches for it. */
export interface FetchControl {
  pause(at: TopicPartition): void;
  resume(at: TopicPartition): void;
  seek(at: TopicPartition, offset: bigint): void;
}

/**
 * A consumer's fetch loop. kafkajs throws at every call between the end of a crashed run and the event that tells
 * us of it; the partition is about to be closed then, and a throw out of a timer would end the process.
 */
export function fetchControlOf(consumer: Consumer): FetchControl {
  return {
    pause: (at) => ifRunning(() => consumer.pause([{ topic: at.topic, partitions: [at.partition] }])),
    resume: (at) => ifRunning(() => consumer.resume([{ topic: at.topic, partitions: [at.partition] }])),
    seek: (at, offset) =>
      ifRunning(() => consumer.seek({ topic: at.topic, partition: at.partition, offset: offset.toString() })),
  };
}

function ifRunning(call: () => void): void {
  try {
    call();
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('Consumer group was not initialized'))
      throw error;
  }
}
