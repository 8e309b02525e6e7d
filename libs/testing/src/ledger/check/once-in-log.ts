import type { LedgerRecord } from '../evidence';
import type { Findings } from '../findings';
import { interleaving } from '../interleaving';
import type { Attempt } from '../attempt';

/** No two records of a topic with an idempotency window have the same source and id. Extra: the ids of all but the first. */
export function onceInLog(evidence: {
  readonly attempts: readonly Attempt[];
  readonly log: readonly LedgerRecord[];
}): Findings {
  const seen = new Set<string>();
  const repeats = evidence.log.filter(({ topic, source, id }) => {
    const identity = JSON.stringify([topic, source, id]);
    if (seen.has(identity)) return true;
    seen.add(identity);
    return false;
  });
  const [first] = repeats;
  return {
    invariant: 'once-in-log',
    missing: [],
    extra: repeats.map(({ id }) => String(id)),
    ...(first === undefined ? {} : { first: interleaving(evidence, first.key, first.id) }),
  };
}
