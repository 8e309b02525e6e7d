import { formatPosition } from '@millrace/event';
import type { Position } from '@millrace/event';
import { distinctRecords } from '../distinct-records';
import type { Evidence } from '../evidence';
import { OUTSIDE_READER } from '../evidence';
import type { Findings } from '../findings';
import { interleaving } from '../interleaving';
import { mayBeUnread } from './halted-partitions';

interface Described extends Position {
  readonly id: string | null;
  readonly key: string | null;
  readonly seq: number | null;
}

/**
 * Every event of the log was called for at least once, for its first record, with its key and number, under one idempotency
 * key that no other event has. One that the group may leave unread may have no call. Missing: ids of events that nobody called
 * for. Extra: ids of those whose call says something else, and what is wrong with idempotency keys.
 */
export function calledFor(
  evidence: Pick<Evidence, 'attempts' | 'log' | 'calls' | 'positions' | 'halted'>,
): Findings {
  const { log, calls } = evidence;
  const isExcused = mayBeUnread(evidence, OUTSIDE_READER);
  const records = distinctRecords(log);
  const byIdentity = Map.groupBy(calls, identityOf);
  const absent = records.filter((record) => !isExcused(record) && !byIdentity.has(identityOf(record)));
  const known = new Set(records.map(identityOf));
  const strange = [...byIdentity].flatMap(([identity, [call]]) =>
    known.has(identity) || call === undefined ? [] : [call],
  );
  const severalKeys = [...Map.groupBy(calls, ({ id }) => id)].filter(([, all]) => {
    return new Set(all.map(({ idempotencyKey }) => idempotencyKey)).size > 1;
  });
  const shared = [...Map.groupBy(calls, ({ idempotencyKey }) => idempotencyKey).values()]
    .map((all) => [...new Set(all.map(({ id }) => id))])
    .filter((ids) => ids.length > 1);
  const firstId = absent[0]?.id ?? strange[0]?.id ?? severalKeys[0]?.[0] ?? shared[0]?.[0];
  const key = [...log, ...calls].find(({ id }) => id === firstId)?.key;
  return {
    invariant: 'called-for',
    missing: absent.map((record) => record.id ?? formatPosition(record)),
    extra: [
      ...strange.map(({ id }) => id),
      ...severalKeys.map(([id]) => `${id} under several idempotency keys`),
      ...shared.map((ids) => `${ids.join(' and ')} under one idempotency key`),
    ],
    ...(key === undefined ? {} : { first: interleaving(evidence, key, firstId) }),
  };
}

function identityOf(of: Described): string {
  return [formatPosition(of), of.id, of.key, of.seq].join('\n');
}
