import type { Catalogue } from '@millrace/contracts';
import type { Edit } from './mutants';

/** Longer than any run. */
const WINDOW_MS = 86_400_000;

/** The same catalogue, whose topics have an idempotency window. */
export function windowed(catalogue: Catalogue): Catalogue {
  const topics = catalogue.topics.map((topic) => ({ ...topic, idempotency: { windowMs: WINDOW_MS } }));
  return { ...catalogue, topics };
}

/** What makes the compiled catalogue of the services the same: they have no other way to be told. */
export const windowEdit: Edit = {
  file: 'libs/contracts/src/generated/flights.js',
  find: "retentionMs: 'unlimited',",
  replace: `retentionMs: 'unlimited', idempotency: { windowMs: ${WINDOW_MS} },`,
};
