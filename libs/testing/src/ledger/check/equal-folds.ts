import type { Evidence, ModelName } from '../evidence';
import type { Findings } from '../findings';
import { foldLog } from '../fold-log';
import type { ModelRow } from '../fold-log';
import { interleaving } from '../interleaving';
import { compareIds } from './compare-ids';
import { mayBeUnread } from './halted-partitions';

const MODELS: readonly ModelName[] = ['ledgerLast', 'ledgerSum'];

/**
 * The rows of every build of both read models, live and rebuilt, equal a fold of the log that is made here, without what
 * the build may leave unread. Missing: rows that have to be there; extra: rows that are there instead; each as
 * `build: key column=value …`. A read model without any build has no rows.
 */
export function equalFolds(
  evidence: Pick<Evidence, 'attempts' | 'log' | 'positions' | 'halted' | 'readModels'>,
): Findings {
  const { log, readModels } = evidence;
  const differences = MODELS.flatMap((model) => {
    const builds = readModels.filter((each) => each.model === model);
    const examined =
      builds.length > 0 ? builds : [{ build: `${model} without a build`, reader: '', rows: [] }];
    return examined.map(({ build, reader, rows }) => {
      const isExcused = mayBeUnread(evidence, reader);
      const folded = foldLog(log.filter((record) => !isExcused(record)));
      return compareIds(
        folded[model].map((row) => comparable(build, row)),
        rows.map((row) => comparable(build, row)),
      );
    });
  });
  const missing = differences.flatMap((each) => each.missing);
  const extra = differences.flatMap((each) => each.extra);
  const about = [...missing, ...extra].find((label) => label.startsWith('ledgerLast'));
  const key = about === undefined ? undefined : /: (\S+)/.exec(about)?.[1];
  return {
    invariant: 'equal-folds',
    missing,
    extra,
    ...(key === undefined ? {} : { first: interleaving(evidence, key) }),
  };
}

function comparable(build: string, { key, values }: ModelRow): { label: string; identity: string } {
  const columns = Object.entries(values).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const label = `${build}: ${key} ${columns.map(([name, value]) => `${name}=${value}`).join(' ')}`;
  return { label, identity: label };
}
