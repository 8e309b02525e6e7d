import { randomUUID } from 'node:crypto';
import { orAborted } from '@millrace/contracts';
import type { Consumer, Kafka } from 'kafkajs';
import { fetchControlOf } from './fetch-control';
import { logRecordOf } from './log-record-of';
import type { WantedRecords } from './wanted-records';
import { withCluster } from './with-cluster';

interface Session {
  readonly signal: AbortSignal;
  readonly leaveMs: number;
}

/**
 * One member of one group of its own, until everything wanted is found or passed, the member crashes, or the signal
 * aborts. Leaves the group and removes it before it ends, unless that takes longer than `leaveMs`; it goes on trying
 * then, without anybody waiting for it.
 */
export async function fetchWanted(
  kafka: Kafka,
  wanted: WantedRecords,
  { signal, leaveMs }: Session,
): Promise<void> {
  const groupId = `millrace-read-records-${randomUUID()}`;
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: 10_000,
    maxWaitTimeInMs: 100,
    maxBytesPerPartition: 65_536,
    allowAutoTopicCreation: false,
    retry: { initialRetryTime: 100, retries: 3, restartOnFailure: () => Promise.resolve(false) },
  });
  const settled = settle(consumer, wanted);
  const started = start(consumer, wanted);
  try {
    await orAborted(Promise.all([settled, started]), signal);
  } finally {
    const left = leave(consumer, started).then(() =>
      withCluster(kafka, (cluster) => cluster.deleteGroup(groupId)),
    );
    await orAborted(left, AbortSignal.timeout(leaveMs)).catch(() => undefined);
  }
}

async function start(consumer: Consumer, wanted: WantedRecords): Promise<void> {
  await consumer.connect();
  await consumer.subscribe({ topics: wanted.topics, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      for (const message of batch.messages) {
        const record = logRecordOf(batch, message);
        if (wanted.wants(record)) wanted.keep(record);
      }
    },
  });
}

/** A leave that overtakes the join would leave the member behind. */
async function leave(consumer: Consumer, started: Promise<void>): Promise<void> {
  await started.catch(() => undefined);
  await consumer.disconnect();
}

/**
 * Steers the fetch to the wanted offsets; resolves when all are found or passed, rejects when the member crashes.
 * It is the end of a batch that says how far was read, and not the handler: batches of markers and of aborted
 * records never come to the handler.
 */
function settle(consumer: Consumer, wanted: WantedRecords): Promise<undefined> {
  const settled = Promise.withResolvers<undefined>();
  const fetch = fetchControlOf(consumer);
  const steer = (topic: string, partition: number): void => {
    const offset = wanted.next({ topic, partition });
    if (offset === undefined) fetch.pause({ topic, partition });
    else fetch.seek({ topic, partition }, offset);
  };
  const { CRASH, END_BATCH_PROCESS, GROUP_JOIN } = consumer.events;
  consumer.on(GROUP_JOIN, ({ payload }) => {
    for (const [topic, partitions] of Object.entries(payload.memberAssignment)) {
      for (const partition of partitions) steer(topic, partition);
    }
  });
  consumer.on(END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
    wanted.passed({ topic, partition }, BigInt(lastOffset));
    if (wanted.isSettled) settled.resolve(undefined);
    else steer(topic, partition);
  });
  consumer.on(CRASH, ({ payload }) => {
    settled.reject(payload.error);
  });
  return settled.promise;
}
