import { orAborted } from '@millrace/contracts';
import type { LogRecord } from '@millrace/event';
import type { Kafka } from 'kafkajs';
import { createClientCluster } from './client-cluster';
import type { ClientCluster, FetchedPartition, FetchRequest } from './client-cluster';
import { TopicNotFoundError } from './errors';
import { isUnknownTopic } from './log-bounds';
import type { RangeCursor } from './range-cursor';
import { RangeNotInLogError } from './range-not-in-log-error';

/** How long a broker may hold a request back while there is nothing new. */
const MAX_WAIT_MS = 500;
const MAX_PARTITION_BYTES = 1_048_576;
const MAX_ANSWER_BYTES = 4 * MAX_PARTITION_BYTES;
/** What a broker that does not answer may cost the end. */
const DISCONNECT_MS = 500;

interface Answer {
  readonly nodeId: number;
  readonly cursors: readonly RangeCursor[];
  readonly partitions: ReadonlyMap<RangeCursor, FetchedPartition>;
}

/**
 * Fetches until every cursor is done, one request at a time from each leader, the next one while the records of the last
 * are handled. Any failure ends it; the cursors stand at what was handed over, and another call goes on there.
 */
export async function* fetchRanges(
  kafka: Kafka,
  cursors: readonly RangeCursor[],
  signal: AbortSignal,
): AsyncGenerator<readonly LogRecord[]> {
  const cluster = createClientCluster(kafka);
  const underWay = new Map<number, Promise<Answer>>();
  const fetchMore = (): void => {
    for (const [nodeId, led] of byLeader(cluster, cursors)) {
      if (underWay.has(nodeId)) continue;
      const answer = fetchOnce(cluster, nodeId, led);
      // Heard by whoever waits for it; nobody does when the reading ends before.
      answer.catch(() => undefined);
      underWay.set(nodeId, answer);
    }
  };
  try {
    await orAborted(cluster.connect(), signal);
    await orAborted(learnLeaders(cluster, cursors), signal);
    fetchMore();
    while (underWay.size > 0) {
      const { nodeId, cursors: asked, partitions } = await orAborted(Promise.race(underWay.values()), signal);
      underWay.delete(nodeId);
      const records = [...partitions].flatMap(([cursor, fetched]) =>
        cursor.take(fetched, asked.length === 1),
      );
      fetchMore();
      yield records;
    }
  } finally {
    await orAborted(cluster.disconnect(), AbortSignal.timeout(DISCONNECT_MS)).catch(() => undefined);
  }
}

async function learnLeaders(cluster: ClientCluster, cursors: readonly RangeCursor[]): Promise<void> {
  for (const topic of new Set(cursors.map((cursor) => cursor.topic))) {
    try {
      await cluster.addMultipleTargetTopics([topic]);
    } catch (error) {
      throw isUnknownTopic(error) ? new TopicNotFoundError(topic) : error;
    }
  }
}

function byLeader(cluster: ClientCluster, cursors: readonly RangeCursor[]): Map<number, RangeCursor[]> {
  const groups = new Map<number, RangeCursor[]>();
  for (const cursor of cursors) {
    if (cursor.isDone) continue;
    const partitions = cluster.findTopicPartitionMetadata(cursor.topic);
    const found = partitions.find(({ partitionId }) => partitionId === cursor.partition);
    if (found === undefined) throw new RangeNotInLogError(cursor, undefined);
    groups.set(found.leader, [...(groups.get(found.leader) ?? []), cursor]);
  }
  return groups;
}

async function fetchOnce(
  cluster: ClientCluster,
  nodeId: number,
  led: readonly RangeCursor[],
): Promise<Answer> {
  const starved = led.find((cursor) => cursor.starved);
  const cursors = starved === undefined ? led : [starved];
  const broker = await cluster.findBroker({ nodeId });
  const { responses } = await broker.fetch({
    maxWaitTime: cursors.some(({ awaitsEnd }) => awaitsEnd) ? 0 : MAX_WAIT_MS,
    maxBytes: MAX_ANSWER_BYTES,
    topics: toTopics(cursors),
  });
  const partitions = new Map<RangeCursor, FetchedPartition>();
  for (const { topicName, partitions: fetched } of responses) {
    for (const each of fetched) {
      const cursor = cursors.find(
        ({ topic, partition }) => topic === topicName && partition === each.partition,
      );
      if (cursor !== undefined) partitions.set(cursor, each);
    }
  }
  return { nodeId, cursors, partitions };
}

function toTopics(cursors: readonly RangeCursor[]): FetchRequest['topics'] {
  return [...new Set(cursors.map(({ topic }) => topic))].map((topic) => ({
    topic,
    partitions: cursors
      .filter((cursor) => cursor.topic === topic)
      .map(({ partition, next }) => ({
        partition,
        fetchOffset: next.toString(),
        maxBytes: MAX_PARTITION_BYTES,
      })),
  }));
}
