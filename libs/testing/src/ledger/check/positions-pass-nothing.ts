import { formatPosition, formatTopicPartition } from '@millrace/event';
import type { Position } from '@millrace/event';
import { distinctRecords } from '../distinct-records';
import type { Evidence } from '../evidence';
import { LEDGER_READER, OUTSIDE_READER } from '../evidence';
import type { Findings } from '../findings';
import { interleaving } from '../interleaving';
import { beyondTheLog, consumedBy } from './reader-positions';

/**
 * Below the position of a group every record, repeats aside, is finished; of the ledger's none at or above it is; and no
 * reader's position is beyond the log. Missing: ids of records that were passed unfinished, with the group's name before
 * those of the one that calls the outside. Extra: ids of records that are finished though not passed, and positions beyond the
 * log as `reader at topic/partition/offset`.
 */
export function positionsPassNothing(
  evidence: Pick<Evidence, 'attempts' | 'log' | 'effects' | 'calls' | 'parked' | 'dead' | 'positions'>,
): Findings {
  const { log, effects, calls, parked, dead, positions } = evidence;
  const asideOf = (reader: string) => [...parked, ...dead].filter((each) => each.reader === reader);
  const finished = [...effects, ...asideOf(LEDGER_READER)];
  const passed = passedUnfinished(evidence, LEDGER_READER, finished);
  const uncalled = passedUnfinished(evidence, OUTSIDE_READER, [...calls, ...asideOf(OUTSIDE_READER)]);
  const isConsumed = consumedBy(positions, LEDGER_READER);
  const ahead = finished.filter((work) => !isConsumed(work));
  const beyond = beyondTheLog(positions, log).map(
    ({ reader, nextOffset, ...at }) => `${reader} at ${formatPosition({ ...at, offset: nextOffset })}`,
  );
  const first = passed[0] ?? ahead[0] ?? uncalled[0];
  const key = log.find(({ id }) => id === first?.id)?.key;
  const reader = first !== undefined && first === uncalled[0] ? OUTSIDE_READER : LEDGER_READER;
  return {
    invariant: 'positions-pass-nothing',
    missing: [...passed.map(nameOf), ...uncalled.map((record) => `${OUTSIDE_READER}: ${nameOf(record)}`)],
    extra: [...ahead.map(nameOf), ...beyond],
    ...(first === undefined || key === undefined
      ? {}
      : { first: [describePosition(first, positions, reader), ...interleaving(evidence, key, first.id)] }),
  };
}

function passedUnfinished(
  { log, positions }: Pick<Evidence, 'log' | 'positions'>,
  reader: string,
  finished: readonly Position[],
) {
  const isConsumed = consumedBy(positions, reader);
  const finishedAt = new Set(finished.map(formatPosition));
  return distinctRecords(log).filter(
    (record) => isConsumed(record) && !finishedAt.has(formatPosition(record)),
  );
}

function nameOf(work: Position & { readonly id: string | null }): string {
  return work.id ?? formatPosition(work);
}

function describePosition(
  at: { readonly topic: string; readonly partition: number },
  positions: Evidence['positions'],
  reader: string,
): string {
  const partition = formatTopicPartition(at);
  const position = positions.find(
    (each) => each.reader === reader && formatTopicPartition(each) === partition,
  );
  return position === undefined
    ? `${reader} has no position in ${partition}`
    : `${reader} stands at ${partition}/${position.nextOffset}`;
}
