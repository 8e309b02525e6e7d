import type { Circumstances } from '../evidence';
import type { Findings } from '../findings';
import { compareIds } from './compare-ids';

/**
 * Every fault happened as often as it was scheduled, by the count of whoever injected it. Missing: scheduled faults that
 * did not happen; extra: faults that nobody scheduled. A run without faults is found clean here.
 */
export function faultsHappened({
  scheduled,
  injected,
}: Pick<Circumstances, 'scheduled' | 'injected'>): Findings {
  return { invariant: 'faults-happened', ...compareIds(repeated(scheduled), repeated(injected)) };
}

function repeated(counts: Readonly<Record<string, number>>) {
  return Object.entries(counts).flatMap(([name, count]) =>
    Array.from({ length: count }, () => ({ label: name, identity: name })),
  );
}
