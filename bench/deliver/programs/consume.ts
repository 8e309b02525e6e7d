import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import type { Batch, ConsumerConfig, ConsumerRunConfig } from 'kafkajs';

/** What every program that consumes is told. */
export interface ConsumeInput {
  readonly brokers: string[];
  readonly registryUrl: string;
  readonly topic: string;
  readonly warmUp: number;
  readonly counted: number;
}

const RETRY_MS = 200;

/** As many partitions at once as Millrace handles. */
export const CONCURRENCY = 3;
const COMMIT_EVERY_MS = 5_000;

/**
 * Whole batches, with a commit every few seconds, as Millrace does it. kafkajs's own `autoCommit` commits after each batch and waits for
 * it, 5 ms on Kafka 4.1, and `autoCommitInterval` does not change that (`consumer/runner.js`): it counts within a batch alone.
 */
export function committingSeldom(handle: (batch: Batch) => void): ConsumerRunConfig {
  return {
    autoCommit: false,
    autoCommitInterval: COMMIT_EVERY_MS,
    partitionsConsumedConcurrently: CONCURRENCY,
    eachBatch: async (payload) => {
      handle(payload.batch);
      await payload.commitOffsetsIfNecessary();
    },
  };
}

/**
 * Joins a group of its own as its only member, and reads from the log's start, or from its end. Resolves when it has joined, with
 * what ends it.
 */
export async function consume(
  { brokers, topic }: Pick<ConsumeInput, 'brokers' | 'topic'>,
  run: ConsumerRunConfig,
  { fromBeginning = true, ...config }: Partial<ConsumerConfig> & { readonly fromBeginning?: boolean } = {},
): Promise<() => Promise<void>> {
  const kafka = new Kafka({ brokers, clientId: 'kafkajs', logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `bench-${randomUUID()}`, ...config });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning });
  await consumer.run(run);
  await joined;
  // Where reading begins is asked for after the join.
  if (!fromBeginning) await sleep(RETRY_MS);
  return () => consumer.disconnect();
}
