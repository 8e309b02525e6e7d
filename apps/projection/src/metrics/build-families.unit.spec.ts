import { buildFamilies } from './build-families';
import type { ScrapedBuild } from './build-families';
import { BuildMeter } from './build-meter';

const at = { topic: 'flights', partition: 0 };
const labels = {
  ...{ projection: 'flight', version: '2', build: '3' },
  messaging_system: 'kafka',
  messaging_consumer_group_name: 'flight-v2-b3',
  messaging_destination_name: 'flights',
  messaging_destination_partition_id: '0',
};

function scraped(changes: Partial<ScrapedBuild> = {}): ScrapedBuild {
  const meter = new BuildMeter();
  meter.partition(at).began();
  meter.partition(at).wrote(4);
  meter.partition(at).committed();
  meter.partition(at).consumed(9);
  return {
    build: { projection: 'flight', version: 2, build: 3 },
    counts: meter.counts,
    held: [{ ...at, state: 'running' }] as ScrapedBuild['held'],
    lags: [
      {
        ...{ ...at, nextOffset: 9n, logEnd: 12n, lag: 3n, lagSeconds: 0.5 },
        ...{ problem: undefined, isTaken: true },
      },
    ],
    parked: [{ reader: 'projection/flight@2.3', ...at, keys: 2, events: 7, isHalted: false }],
    ...changes,
  };
}

function seriesOf(build: ScrapedBuild, name: string) {
  return buildFamilies([build]).find((family) => family.name === name)?.series;
}

describe('the metrics of builds', () => {
  it.each([
    ['messaging_client_consumed_messages_total', 9, { ...labels, messaging_operation_name: 'process' }],
    ['millrace_projection_rows_written_total', 4, labels],
    ['millrace_projection_lag_records', 3, labels],
    ['millrace_projection_lag_seconds', 0.5, labels],
    ['millrace_projection_parked_keys', 2, labels],
    ['millrace_projection_parked_events', 7, labels],
    ['millrace_projection_standing_still', 0, labels],
  ])('have %s', (name, value, expected) => {
    expect(seriesOf(scraped(), name)).toEqual([{ labels: expected, value }]);
  });

  it('have the time of commits', () => {
    expect(seriesOf(scraped(), 'millrace_projection_commit_duration_seconds')).toMatchObject([
      { labels, histogram: { count: 1 } },
    ]);
  });

  it('say where a partition stands still', () => {
    const held = [{ ...at, state: 'halted', reason: 'it broke' }] as ScrapedBuild['held'];
    expect(seriesOf(scraped({ held }), 'millrace_projection_standing_still')).toEqual([{ labels, value: 1 }]);
  });

  it('lack what is not known', () => {
    expect(seriesOf(scraped({ parked: [] }), 'millrace_projection_parked_keys')).toEqual([
      { labels, value: 0 },
    ]);
    const { lags: _lags, parked: _parked, ...silent } = scraped();
    expect(seriesOf(silent, 'millrace_projection_parked_keys')).toEqual([]);
    expect(seriesOf(silent, 'millrace_projection_lag_records')).toEqual([]);
    const [lag] = scraped().lags!;
    const unknown = scraped({ lags: [{ ...lag!, logEnd: null, lag: null, lagSeconds: null }] });
    expect(seriesOf(unknown, 'millrace_projection_lag_seconds')).toEqual([]);
  });
});
