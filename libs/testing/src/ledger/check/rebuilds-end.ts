import type { Circumstances } from '../evidence';
import type { Findings } from '../findings';

/**
 * Every rebuild that was begun has come to its end, proven equal. Missing: those that had not ended in time; extra: those
 * that were refused, because the same logic had made other rows; each as `rebuild <id> of <read model>: <why>`.
 */
export function rebuildsEnd({ openRebuilds }: Pick<Circumstances, 'openRebuilds'>): Findings {
  const [refused, unfinished] = [true, false].map((isRefused) =>
    openRebuilds
      .filter(({ state }) => (state === 'refused') === isRefused)
      .map(({ id, model, state, reason }) => `rebuild ${id} of ${model}: ${reason ?? state}`),
  );
  return { invariant: 'rebuilds-end', missing: unfinished ?? [], extra: refused ?? [] };
}
