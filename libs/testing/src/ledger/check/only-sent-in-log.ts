import { formatPosition } from '@millrace/event';
import type { Attempt } from '../attempt';
import type { Evidence, LedgerRecord } from '../evidence';
import type { Findings } from '../findings';
import { interleaving } from '../interleaving';

/**
 * Every record of the log belongs to an attempt that was not refused, with its id, key and number. An attempt may have
 * several records: the producer sends again what Kafka did not answer. Extra: the ids of the others, or the position of
 * a record without one. A record that says which attempt it is of is held to that very one, so that an event which was
 * refused first and acknowledged later must not be there from the first time.
 */
export function onlySentInLog({ attempts, log }: Pick<Evidence, 'attempts' | 'log'>): Findings {
  const byNumber = new Map(attempts.map((attempt) => [attempt.n, attempt]));
  const unexplained = log.filter((record) => {
    const attempt = record.attempt === null ? undefined : byNumber.get(record.attempt);
    return attempt === undefined || !explains(attempt, record);
  });
  const [first] = unexplained;
  return {
    invariant: 'only-sent-in-log',
    missing: [],
    extra: unexplained.map((record) => record.id ?? formatPosition(record)),
    ...(first === undefined ? {} : { first: interleaving({ attempts, log }, first.key, first.id) }),
  };
}

function explains({ id, key, seq, kind, outcome }: Attempt, record: LedgerRecord): boolean {
  if (outcome.outcome === 'refused' || kind === 'invalid') return false;
  return record.id === id && record.key === key && record.seq === seq;
}
