import type { ReplayRun } from '@millrace/postgres';
import type { Standing } from '../build-watch';
import { projectionFamilies } from './projection-families';

const build = { projection: 'flight', version: 2, build: 3, state: 'live', createdAt: new Date(0) } as const;
const labels = { projection: 'flight', version: '2', build: '3' };
const partitionLabels = {
  ...labels,
  messaging_system: 'kafka',
  messaging_consumer_group_name: 'flight-v2-b3',
  messaging_destination_name: 'flights',
  messaging_destination_partition_id: '0',
};
const at = {
  ...{ topic: 'flights', partition: 0, nextOffset: 7n, logEnd: 9n, lag: 2n, lagSeconds: 1.5 },
  ...{ problem: undefined, isTaken: true },
};

function standing(changes: Partial<Standing['builds'][number]> = {}): Standing {
  const counts = { keys: 2, events: 7, isHalted: false };
  const parked = [{ reader: 'projection/flight@2.3', topic: 'flights', partition: 0, ...counts }];
  const size = { bytes: 8_192n, rowsEstimated: 5 };
  return {
    versions: [],
    builds: [{ build, partitions: [at], parked, recordsPerSecond: 3, size, ...changes }],
  };
}

const verification = {
  build,
  proof: { equal: false, live: { rows: '40' }, differing: { keys: '3' } },
  finishedAt: new Date(1_000_500),
} as unknown as ReplayRun;
const swapped = {
  build,
  swap: { at: '2026-01-02T03:04:05.000Z', attempts: 1, pauseMs: 12 },
} as unknown as ReplayRun;

/** The series of a metric. */
function seriesOf(of: Parameters<typeof projectionFamilies>[0], name: string): unknown {
  return projectionFamilies(of).find((family) => family.name === `millrace_projection_${name}`)?.series;
}

describe('the metrics of projections', () => {
  const all = { standing: standing(), verifications: [verification], swaps: [swapped] };

  it.each([
    ['lag_records', 2, partitionLabels],
    ['lag_seconds', 1.5, partitionLabels],
    ['parked_keys', 2, partitionLabels],
    ['parked_events', 7, partitionLabels],
    ['standing_still', 0, partitionLabels],
    ['table_bytes', 8_192, labels],
    ['table_rows', 5, labels],
    ['swap_pause_seconds', 0.012, { projection: 'flight' }],
    ['swap_timestamp_seconds', Date.parse('2026-01-02T03:04:05Z') / 1_000, { projection: 'flight' }],
    ['verification_differing_keys', 3, { projection: 'flight' }],
    ['verification_equal', 0, { projection: 'flight' }],
    ['verification_rows', 40, { projection: 'flight' }],
    ['verification_timestamp_seconds', 1_000.5, { projection: 'flight' }],
  ])('have %s', (name, value, expected) => {
    expect(seriesOf(all, name)).toEqual([{ labels: expected, value }]);
  });

  it('have 1 for the state that a build is in, and 0 for the others', () => {
    const states = { building: 0, verifying: 0, live: 1, previous: 0 };
    expect(seriesOf(all, 'build_state')).toEqual(
      Object.entries(states).map(([state, value]) => ({ labels: { ...labels, state }, value })),
    );
  });

  it('say where a partition stands still', () => {
    const problem = { state: 'halted', reason: 'it broke' } as const;
    const of = { ...all, standing: standing({ partitions: [{ ...at, problem }] }) };
    expect(seriesOf(of, 'standing_still')).toEqual([{ labels: partitionLabels, value: 1 }]);
  });

  it('have 0 where nothing is parked', () => {
    const of = { ...all, standing: standing({ parked: [] }) };
    expect(seriesOf(of, 'parked_keys')).toEqual([{ labels: partitionLabels, value: 0 }]);
  });

  it('lack what is not known', () => {
    const unknown = { ...at, logEnd: null, lag: null, lagSeconds: null };
    const none = {
      standing: standing({ partitions: [unknown], size: undefined }),
      verifications: [],
      swaps: [],
    };
    for (const name of ['lag_records', 'lag_seconds', 'table_bytes', 'table_rows', 'swap_pause_seconds']) {
      expect(seriesOf(none, name)).toEqual([]);
    }
  });
});
