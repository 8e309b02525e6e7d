import { formatPosition } from '@millrace/event';
import type { Position } from '@millrace/event';
import { distinctRecords } from '../distinct-records';
import type { Evidence } from '../evidence';
import { LEDGER_READER } from '../evidence';
import type { Findings } from '../findings';
import { interleaving } from '../interleaving';
import { compareIds } from './compare-ids';
import type { Comparable } from './compare-ids';
import { mayBeUnread } from './halted-partitions';

interface Described extends Position {
  readonly id: string | null;
  readonly key: string | null;
  readonly seq: number | null;
}

/**
 * Every event of the log has exactly one effect, of its first record, with its key and number; its repeats have none. One
 * that the group may leave unread may have none.
 * Missing and extra: ids of events, as often as they are short or too many. An effect that says something else than its
 * record is both.
 */
export function oneEffect(
  evidence: Pick<Evidence, 'attempts' | 'log' | 'effects' | 'positions' | 'halted'>,
): Findings {
  const { log, effects } = evidence;
  const isExcused = mayBeUnread(evidence, LEDGER_READER);
  const wanted = distinctRecords(log).filter((record) => !isExcused(record));
  const difference = compareIds(wanted.map(comparable), effects.map(comparable));
  const id = difference.missing[0] ?? difference.extra[0];
  const at = [...log, ...effects].find((each) => each.id === id);
  return {
    invariant: 'one-effect',
    ...difference,
    ...(at === undefined ? {} : { first: interleaving(evidence, at.key, at.id) }),
  };
}

function comparable(of: Described): Comparable {
  const position = formatPosition(of);
  return { label: of.id ?? position, identity: [position, of.id, of.key, of.seq].join('\n') };
}
