import { formatPosition } from '@millrace/event';
import type { Evidence } from '../evidence';
import type { Findings } from '../findings';
import { interleaving } from '../interleaving';

/**
 * Every acknowledged attempt has its record at the position it was told, or somewhere when it was told none, with its id, key
 * and number. Missing: the ids of
 * those that have none there. An acknowledgement of an invalid event is extra.
 */
export function acknowledgedInLog({ attempts, log }: Pick<Evidence, 'attempts' | 'log'>): Findings {
  const byPosition = new Map(log.map((record) => [formatPosition(record), record]));
  const byId = new Map(log.map((record) => [record.id, record]));
  const acknowledged = attempts.flatMap((attempt) =>
    attempt.outcome.outcome === 'acknowledged' ? [{ ...attempt, position: attempt.outcome.position }] : [],
  );
  const absent = acknowledged.filter(({ id, key, seq, position, kind }) => {
    const record = position === undefined ? byId.get(id) : byPosition.get(position);
    return kind !== 'invalid' && (record?.id !== id || record.key !== key || record.seq !== seq);
  });
  const invalid = acknowledged.filter(({ kind }) => kind === 'invalid');
  const first = absent[0] ?? invalid[0];
  return {
    invariant: 'acknowledged-in-log',
    missing: absent.map(({ id }) => id),
    extra: invalid.map(({ id }) => id),
    ...(first === undefined ? {} : { first: interleaving({ attempts, log }, first.key, first.id) }),
  };
}
