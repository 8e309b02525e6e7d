import type { ReplayRuns } from '@millrace/postgres';
import { within } from '@millrace/service';
import type { MetricSource } from '@millrace/service';
import type { BuildWatch } from '../build-watch';
import { projectionFamilies } from './projection-families';

/** Below Prometheus's own 10 s. */
const SCRAPE_WITHIN_MS = 3_000;

/** The metrics of all projections, for each scrape anew; none while PostgreSQL does not answer. */
export function projectionMetrics(watch: BuildWatch, runs: ReplayRuns): MetricSource {
  const scrape = async () => {
    const [standing, verifications, swaps] = await Promise.all([
      watch.look(),
      runs.lastDone('verify'),
      runs.lastDone('rebuild'),
    ]);
    return projectionFamilies({ standing, verifications, swaps });
  };
  return async () => (await within(SCRAPE_WITHIN_MS, scrape())) ?? [];
}
