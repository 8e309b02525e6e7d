import { distinctRecords } from './distinct-records';
import type { LedgerRecord, ModelName, ReadModel } from './evidence';

export type ModelRow = ReadModel['rows'][number];

/**
 * The read models of the ledger as they follow from the log alone: folded here in another way than the platform folds,
 * from the whole log at once, so that the two can be held against each other. Records that cannot be read are left out.
 */
export function foldLog(log: readonly LedgerRecord[]): Readonly<Record<ModelName, readonly ModelRow[]>> {
  const records = distinctRecords(log).flatMap(({ key, seq, destination }) =>
    key === null || seq === null || destination === null ? [] : [{ key, seq, destination }],
  );
  const perKey = Map.groupBy(records, ({ key }) => key);
  const perDestination = Map.groupBy(records, ({ destination }) => destination);
  return {
    ledgerLast: [...perKey].map(([key, all]) => ({
      key,
      values: { seq: all.at(-1)?.seq ?? 0, events: all.length },
    })),
    ledgerSum: [...perDestination].map(([key, all]) => ({
      key,
      values: {
        events: all.length,
        seqSum: all.reduce((sum, { seq }) => sum + seq, 0),
        maxSeq: all.reduce((highest, { seq }) => Math.max(highest, seq), 0),
      },
    })),
  };
}
