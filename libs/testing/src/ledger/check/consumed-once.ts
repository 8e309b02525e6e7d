import { formatPosition } from '@millrace/event';
import { distinctRecords } from '../distinct-records';
import type { Evidence, FinishedWork } from '../evidence';
import type { Findings } from '../findings';
import { interleaving } from '../interleaving';
import { compareIds } from './compare-ids';
import { consumedBy } from './reader-positions';

/**
 * Every record below the group's position, repeats aside, is done, parked or dead: in one of the three, once. Missing: in
 * none of them. Extra: in several, more than once, or though it was not consumed, or is no record.
 */
export function consumedOnce(
  evidence: Pick<Evidence, 'attempts' | 'log' | 'effects' | 'parked' | 'dead' | 'positions'>,
): Findings {
  const { log, effects, parked, dead, positions } = evidence;
  const consumed = distinctRecords(log).filter(consumedBy(positions));
  const difference = compareIds(consumed.map(byPosition), [...effects, ...parked, ...dead].map(byPosition));
  const id = difference.missing[0] ?? difference.extra[0];
  const key = [...log, ...effects].find((each) => each.id === id)?.key;
  return {
    invariant: 'consumed-once',
    ...difference,
    ...(key === undefined ? {} : { first: interleaving(evidence, key, id) }),
  };
}

function byPosition(work: Omit<FinishedWork, 'id'> & { readonly id: string | null }) {
  const identity = formatPosition(work);
  return { label: work.id ?? identity, identity };
}
