import { PoisonEvents, readAllPositions } from '@millrace/postgres';
import { readerOf } from '@millrace/projecting';
import { LagWatch } from '@millrace/reading';
import { within } from '@millrace/service';
import type { MetricSource } from '@millrace/service';
import type { ProjectionHost } from '../projection-host';
import { buildFamilies } from './build-families';

/** Below Prometheus's own 10 s. */
const LAGS_WITHIN_MS = 3_000;

/** The metrics of the builds that one process folds, for each scrape anew. */
export function buildMetrics(host: ProjectionHost): MetricSource {
  const { database, cluster } = host.servers;
  const watch = new LagWatch({
    positionsOf: (readers) => readAllPositions(database, readers),
    boundsOf: (topic) => cluster.logBounds(topic),
  });
  const poison = new PoisonEvents(database);
  return async () => {
    const builds = host.projections.flatMap((projection) => [...projection.builds.values()]);
    const readers = builds.map(({ build, topics }) => ({ reader: readerOf(build), topics }));
    const [lags, parked] = await Promise.all([
      within(LAGS_WITHIN_MS, watch.look(readers)),
      within(LAGS_WITHIN_MS, poison.counts(readers.map(({ reader }) => reader))),
    ]);
    return buildFamilies(
      builds.map((each) => {
        const { build, counts, held } = each;
        const reader = readerOf(build);
        const own = lags?.get(reader);
        const parkedHere = parked?.filter((of) => of.reader === reader);
        return {
          ...{ build, counts, held },
          ...(own === undefined ? {} : { lags: own }),
          ...(parkedHere === undefined ? {} : { parked: parkedHere }),
        };
      }),
    );
  };
}
