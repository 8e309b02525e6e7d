import { findIdentity } from '@millrace/event';
import { LANDING_LIMIT_MS, readRange } from '@millrace/kafka';
import type { createKafkaClient, KafkaCluster } from '@millrace/kafka';
import type { ReservedPlace } from '@millrace/postgres';
import type { ReadLog } from './open-events';

/** A record's time is a whole number of milliseconds, and so are those of the index that is asked. */
const MARGIN_MS = 1_000;
const TIMEOUT_MS = 15_000;
const PATIENCE_MS = 5_000;

/**
 * Reads the part of a topic's log that can hold records of these times. It begins at the first record that is as late as
 * they are. It ends at the first one that no broker takes before their limit is over: a broker takes no record whose time
 * is further ahead of its clock than the limit, either.
 */
export function findInLog(
  {
    kafka,
    cluster,
  }: { readonly kafka: ReturnType<typeof createKafkaClient>; readonly cluster: KafkaCluster },
  topic: string,
): ReadLog {
  return async (identities, { fromMs, toMs }) => {
    const begins = await cluster.offsetsAt(topic, fromMs - MARGIN_MS);
    const ends = await cluster.offsetsAt(topic, toMs + 2 * LANDING_LIMIT_MS + MARGIN_MS);
    const ranges = begins.flatMap((from, partition) => {
      const to = ends[partition] ?? from;
      return from < to ? [{ topic, partition, from, to }] : [];
    });
    const places = new Map<string, ReservedPlace>();
    const options = { signal: AbortSignal.timeout(TIMEOUT_MS), patienceMs: PATIENCE_MS };
    for await (const record of readRange(kafka, ranges, options)) {
      const identity = findIdentity(record);
      if (identity === undefined || !identities.has(identity) || places.has(identity)) continue;
      places.set(identity, { partition: record.partition, offset: record.offset });
      if (places.size === identities.size) break;
    }
    return places;
  };
}
