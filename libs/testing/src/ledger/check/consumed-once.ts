import { formatPosition } from '@millrace/event';
import type { Position } from '@millrace/event';
import { distinctRecords } from '../distinct-records';
import type { Evidence } from '../evidence';
import { LEDGER_READER, OUTSIDE_READER } from '../evidence';
import type { Findings } from '../findings';
import { interleaving } from '../interleaving';
import { compareIds } from './compare-ids';
import { consumedBy } from './reader-positions';

/**
 * Every record below a group's position, repeats aside, is done, parked or dead: in one of the three, once. Missing: in
 * none of them. Extra: in several, more than once, or though it was not consumed, or is no record. A call outside may be made
 * several times, before the position has passed its record, and its caller may not have learned of it: such a record may be
 * parked as well. Ids of the group that calls the outside have its name before them.
 */
export function consumedOnce(
  evidence: Pick<Evidence, 'attempts' | 'log' | 'effects' | 'calls' | 'parked' | 'dead' | 'positions'>,
): Findings {
  const { log, effects } = evidence;
  const inLedger = difference(evidence, LEDGER_READER, effects);
  const outside = difference(evidence, OUTSIDE_READER, certainlyDone(evidence));
  const id = inLedger.missing[0] ?? inLedger.extra[0] ?? outside.missing[0] ?? outside.extra[0];
  const key = [...log, ...effects].find((each) => each.id === id)?.key;
  const named = (each: string) => `${OUTSIDE_READER}: ${each}`;
  return {
    invariant: 'consumed-once',
    missing: [...inLedger.missing, ...outside.missing.map(named)],
    extra: [...inLedger.extra, ...outside.extra.map(named)],
    ...(key === undefined ? {} : { first: interleaving(evidence, key, id) }),
  };
}

interface Work extends Position {
  readonly id: string | null;
}

function difference(
  { log, parked, dead, positions }: Pick<Evidence, 'log' | 'parked' | 'dead' | 'positions'>,
  reader: string,
  done: readonly Work[],
) {
  const consumed = distinctRecords(log).filter(consumedBy(positions, reader));
  const aside = [...parked, ...dead].filter((each) => each.reader === reader);
  return compareIds(consumed.map(byPosition), [...done, ...aside].map(byPosition));
}

/** Records that were called for and passed, without those that are set aside; each once. */
function certainlyDone({
  calls,
  parked,
  dead,
  positions,
}: Pick<Evidence, 'calls' | 'parked' | 'dead' | 'positions'>): Work[] {
  const isConsumed = consumedBy(positions, OUTSIDE_READER);
  const aside = new Set(
    [...parked, ...dead].filter(({ reader }) => reader === OUTSIDE_READER).map(formatPosition),
  );
  const called = new Map(calls.map((call) => [formatPosition(call), call]));
  return [...called].flatMap(([position, call]) => (isConsumed(call) && !aside.has(position) ? [call] : []));
}

function byPosition(work: Work) {
  const identity = formatPosition(work);
  return { label: work.id ?? identity, identity };
}
