import type { VectorEntry } from '@millrace/postgres';

/** Fewer records than this between the two sides are made up for while the live one is held. */
const CLOSE_RECORDS = 20_000n;
/** Whoever folds a partition that has something to fold commits more often than this. */
const AT_WORK_MS = 5_000;

/**
 * Whether the rebuilt side will be where the live one is within moments, so that folding of the live one may be held for
 * it: hardly anything is missing, and whatever is missing is in partitions that somebody is folding right now. While
 * nobody folds the rebuilt side, the live one is left alone.
 */
export function isInStep(live: readonly VectorEntry[], rebuilt: readonly VectorEntry[]): boolean {
  let missing = 0n;
  for (const { topic, partition, nextOffset } of live) {
    const own = rebuilt.find((each) => each.topic === topic && each.partition === partition);
    const behind = nextOffset - (own?.nextOffset ?? 0n);
    if (behind <= 0n) continue;
    if (own === undefined || own.epoch === 0n || own.idleMs > AT_WORK_MS) return false;
    missing += behind;
  }
  return missing <= CLOSE_RECORDS;
}
