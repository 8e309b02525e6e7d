import type { Catalogue } from '@millrace/contracts';

/** The same catalogue, with an idempotency window of an hour for each of its topics. */
export function withWindow(catalogue: Catalogue): Catalogue {
  const topics = catalogue.topics.map((topic) => ({ ...topic, idempotency: { windowMs: 3_600_000 } }));
  return { ...catalogue, topics };
}
