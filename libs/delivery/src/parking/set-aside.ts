import type { EffectFailure } from '../effect-failure';
import { wordsOf } from '../effect-failure';
import type { GroupPartitionParts } from '../group-partition-parts';
import { drainDelayMs, isPermanent, reasonFor } from './group-judge';

/**
 * A record that has failed is about to be taken out of the way: its key is fenced in memory, unless it is a dead letter of a
 * group that releases their keys.
 */
export function noteSetAside<Transaction>(
  { group, fences }: GroupPartitionParts<Transaction>,
  { record, error }: EffectFailure,
): void {
  fences.setAside(record, !isPermanent(error) || group.deadKey === 'fence');
}

/** Stores it, in the transaction that moves the position past it: buried when its error is permanent, otherwise parked. */
export async function storeSetAside<Transaction>(
  tx: Transaction,
  { group, lot }: GroupPartitionParts<Transaction>,
  failure: EffectFailure,
): Promise<void> {
  const { record, error, attempt } = failure;
  const reason = reasonFor(failure);
  if (isPermanent(error)) await lot.bury(tx, record, reason, group.deadKey === 'fence');
  else await lot.park(tx, record, reason, drainDelayMs(group, attempt));
}

/** Tells the log and the observer of it, once it is committed. */
export function tellSetAside<Transaction>(
  { group, log, observer }: GroupPartitionParts<Transaction>,
  { record, error, attempt: attempts }: EffectFailure,
): void {
  const { topic, partition, offset } = record;
  const place = { group: group.name, topic, partition, offset: String(offset), attempts };
  if (isPermanent(error)) {
    observer.dead();
    log.warn({ ...place, error: wordsOf(error) }, 'a record became a dead letter');
  } else {
    observer.parked();
    log.warn({ ...place, error: wordsOf(error) }, 'a record is parked, and its key fenced');
  }
}
