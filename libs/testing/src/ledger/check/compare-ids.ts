import { diffIds } from '../../diff-ids';
import type { Findings } from '../findings';

/** Something to compare: `label` is what a finding says, `identity` is what has to be equal. */
export interface Comparable {
  readonly label: string;
  readonly identity: string;
}

/** What is short and what is too many, by identity, as labels. */
export function compareIds(
  expected: readonly Comparable[],
  got: readonly Comparable[],
): Pick<Findings, 'missing' | 'extra'> {
  const labels = new Map([...expected, ...got].map(({ identity, label }) => [identity, label]));
  const toLabels = (identities: readonly string[]) => identities.map((each) => labels.get(each) ?? each);
  const identities = (all: readonly Comparable[]) => all.map(({ identity }) => identity);
  const { missing, extra } = diffIds(identities(expected), identities(got));
  return { missing: toLabels(missing), extra: toLabels(extra) };
}
