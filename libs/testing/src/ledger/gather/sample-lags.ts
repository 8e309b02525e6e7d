import { FlightLanded } from '@millrace/contracts';
import type { KafkaCluster } from '@millrace/kafka';
import type { Database } from '@millrace/postgres';
import type { LagSample } from '../evidence';
import { LEDGER_READER } from '../evidence';
import { readReaderPositions } from './read-ledger-database';

/** The readers that every run of the ledger has. */
export const LEDGER_READERS = [LEDGER_READER, 'projection/ledgerLast@1', 'projection/ledgerSum@1'] as const;

/**
 * How far each reader is behind the end of each partition at this moment. A reader without a position in a partition has
 * all of it before it. @throws when Kafka or PostgreSQL does not answer.
 */
export async function sampleLags(
  cluster: KafkaCluster,
  database: Database,
  readers: readonly string[] = LEDGER_READERS,
): Promise<LagSample[]> {
  const { topic } = FlightLanded;
  const [bounds, positions] = await Promise.all([cluster.logBounds(topic), readReaderPositions(database)]);
  const at = Date.now();
  return readers.flatMap((reader) =>
    bounds.map(({ start, end }, partition) => {
      const position = positions.find((each) => each.reader === reader && each.partition === partition);
      const next = position?.nextOffset ?? start;
      return { at, reader, topic, partition, lag: end > next ? end - next : 0n };
    }),
  );
}
