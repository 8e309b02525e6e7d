import { formatPosition, formatTopicPartition } from '@millrace/event';
import { distinctRecords } from '../distinct-records';
import type { Evidence } from '../evidence';
import { LEDGER_READER } from '../evidence';
import type { Findings } from '../findings';
import { interleaving } from '../interleaving';
import { beyondTheLog, consumedBy } from './reader-positions';

/**
 * Below the position of the ledger's group every record, repeats aside, is finished, and none at or above it is; and no
 * reader's position is beyond the log. Missing: ids of records that were passed unfinished. Extra: ids of records that
 * are finished though not passed, and positions beyond the log as `reader at topic/partition/offset`.
 */
export function positionsPassNothing(
  evidence: Pick<Evidence, 'attempts' | 'log' | 'effects' | 'parked' | 'dead' | 'positions'>,
): Findings {
  const { log, effects, parked, dead, positions } = evidence;
  const isConsumed = consumedBy(positions);
  const finished = [...effects, ...parked, ...dead];
  const finishedAt = new Set(finished.map(formatPosition));
  const passed = distinctRecords(log).filter(
    (record) => isConsumed(record) && !finishedAt.has(formatPosition(record)),
  );
  const ahead = finished.filter((work) => !isConsumed(work));
  const beyond = beyondTheLog(positions, log).map(
    ({ reader, nextOffset, ...at }) => `${reader} at ${formatPosition({ ...at, offset: nextOffset })}`,
  );
  const first = passed[0] ?? ahead[0];
  const key = log.find(({ id }) => id === first?.id)?.key;
  return {
    invariant: 'positions-pass-nothing',
    missing: passed.map((record) => record.id ?? formatPosition(record)),
    extra: [...ahead.map(({ id }) => id), ...beyond],
    ...(first === undefined || key === undefined
      ? {}
      : { first: [describePosition(first, positions), ...interleaving(evidence, key, first.id)] }),
  };
}

function describePosition(
  at: { readonly topic: string; readonly partition: number },
  positions: Evidence['positions'],
): string {
  const partition = formatTopicPartition(at);
  const position = positions.find(
    (each) => each.reader === LEDGER_READER && formatTopicPartition(each) === partition,
  );
  return position === undefined
    ? `${LEDGER_READER} has no position in ${partition}`
    : `${LEDGER_READER} stands at ${partition}/${position.nextOffset}`;
}
