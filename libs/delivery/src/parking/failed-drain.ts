import type { GroupPartitionParts } from '../group-partition-parts';
import { drainDelayMs, isPermanent, reasonFor } from './group-judge';
import type { ParkedRecord } from './parking-lot';

/** A parked record has failed again: its queue is tried later, or it becomes a dead letter when that was its last try. */
export async function noteFailedDrain<Transaction>(
  { group, lot, epoch, log, observer }: GroupPartitionParts<Transaction>,
  record: ParkedRecord,
  error: unknown,
): Promise<void> {
  const attempts = record.attempts + 1;
  const reason = reasonFor({ record, error, attempt: attempts });
  const { topic, partition, offset } = record;
  const place = {
    group: group.name,
    topic,
    partition,
    offset: String(offset),
    attempts,
    error: reason.message,
  };
  if (isPermanent(error) || attempts >= group.retry.attempts + group.parking.attempts) {
    await lot.buryQueued(record, epoch(), { reason, fence: group.deadKey === 'fence' });
    observer.dead();
    log.error(place, 'a parked record became a dead letter');
    return;
  }
  await lot.postpone(record, epoch(), { reason, delayMs: drainDelayMs(group, attempts) });
  observer.retried();
  log.warn(place, 'a parked record failed again');
}
