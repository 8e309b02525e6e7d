export interface IdDifference {
  /** Expected and not there; each as often as it is short. */
  readonly missing: readonly string[];
  /** There and not expected; each as often as it is too many. */
  readonly extra: readonly string[];
}

/** What is missing and what is extra, by id and number: a count alone would let one loss hide behind one double. */
export function diffIds(expected: Iterable<string>, got: Iterable<string>): IdDifference {
  const balance = new Map<string, number>();
  for (const id of expected) balance.set(id, (balance.get(id) ?? 0) + 1);
  for (const id of got) balance.set(id, (balance.get(id) ?? 0) - 1);
  const missing: string[] = [];
  const extra: string[] = [];
  for (const [id, count] of balance) {
    for (let times = 0; times < Math.abs(count); times++) (count > 0 ? missing : extra).push(id);
  }
  return { missing, extra };
}
