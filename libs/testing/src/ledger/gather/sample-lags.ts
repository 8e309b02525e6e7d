import { FlightLanded } from '@millrace/contracts';
import type { KafkaCluster } from '@millrace/kafka';
import type { Database } from '@millrace/postgres';
import type { LagSample } from '../evidence';
import { LEDGER_READER, OUTSIDE_READER } from '../evidence';
import { countQueued } from './read-delivery';
import { readReaderPositions } from './read-ledger-database';

/** The readers that every run of the ledger has. */
export const LEDGER_READERS = [
  ...[LEDGER_READER, OUTSIDE_READER],
  ...['projection/ledgerLast@1', 'projection/ledgerSum@1'],
] as const;

/**
 * How far each reader is behind the end of each partition at this moment. A reader without a position in a partition has
 * all of it before it. What a group has parked counts as behind too, under a name of its own. @throws when Kafka or PostgreSQL does not answer.
 */
export async function sampleLags(
  cluster: KafkaCluster,
  database: Database,
  readers: readonly string[] = LEDGER_READERS,
): Promise<LagSample[]> {
  const { topic } = FlightLanded;
  const [bounds, positions, queued] = await Promise.all([
    cluster.logBounds(topic),
    readReaderPositions(database),
    countQueued(database),
  ]);
  const at = Date.now();
  return readers.flatMap((reader) =>
    bounds.flatMap(({ start, end }, partition) => {
      const position = positions.find((each) => each.reader === reader && each.partition === partition);
      const next = position?.nextOffset ?? start;
      const place = { at, topic, partition };
      const behind = { ...place, reader, lag: end > next ? end - next : 0n };
      if (!reader.startsWith('group/')) return [behind];
      return [
        behind,
        { ...place, reader: `parked by ${reader}`, lag: queued.get(`${reader}/${partition}`) ?? 0n },
      ];
    }),
  );
}
