import { sampleProjection } from '../test/sample-projection';
import { sampleDifference } from '../test/sample-run';
import { describeProjection } from './describe-projection';

const NOW = Date.parse('2026-01-02T04:00:00Z');
const definition = {
  kind: 'entity',
  keyName: 'flightId',
  topics: ['flights'],
  columns: [{ name: 'origin', type: 'text' }],
  indexes: [['origin', 'delayMinutes'], ['destination']],
  queryable: [],
  foldedTypes: ['flights.FlightDeparted'],
  ignoredTypes: [],
  latestWins: false,
};
const details = {
  ...sampleProjection(),
  versions: [
    { version: 1, hostedNow: true },
    { version: 2, hostedNow: false },
  ],
  definition,
};

describe('one projection', () => {
  it('is shown with what it is defined as, its builds, and how to verify it', () => {
    const lines = describeProjection(details, NOW);
    expect(lines.slice(0, 9)).toEqual([
      'flight is served from version 1, build 2',
      '  entity     of flights, by flightId',
      '  columns    origin text',
      '  indexes    origin + delayMinutes, destination',
      '  queryable  none',
      '  folds      flights.FlightDeparted',
      '  ignores    none',
      '  tombstones not expected: one halts its partition',
      '  hosted     versions 1, 2 (not now)',
    ]);
    expect(lines.join('\n')).toContain('version 1, build 2 is live: read_model.flight_v1_b2');
    expect(lines.at(-1)).toBe('never verified; to do so: millrace projections verify flight --watch');
  });

  it('is shown with what an aggregate merges, and what tombstones do', () => {
    const columns = [{ name: 'total', type: 'bigint', merge: 'sum' }];
    const aggregate = { ...definition, kind: 'aggregate', columns, tombstones: 'ignore', latestWins: true };
    const text = describeProjection({ ...details, definition: aggregate }, NOW).join('\n');
    expect(text).toContain(
      '  aggregate  of flights, by flightId, the latest event wins\n  columns    total bigint sum\n',
    );
    expect(text).toContain('tombstones are to ignore');
  });

  it('is shown without a definition or a live build where there is none', () => {
    const bare = { ...details, liveVersion: null, liveBuild: null, definition: null, builds: [] };
    expect(describeProjection(bare, NOW)[0]).toBe('flight has no live build');
  });

  it('shows which keys the last verification has found to differ', () => {
    const lastVerification = {
      ...{ replay: 9, version: 1, build: 2, equal: false, rows: '20000', keys: '4', positions: [] },
      ...{ at: '2026-01-02T03:55:00Z', differing: sampleDifference().differing },
    };
    const text = describeProjection({ ...details, lastVerification }, NOW).join('\n');
    expect(text).toContain(
      'last verified by replay 9: 4 keys differ, 5 min 0 s ago (2026-01-02 03:55:00Z, version 1, build 2)\n' +
        '  4 keys differ: 2 changed, 1 only live, 1 only in the log\n',
    );
    expect(text).toContain('  20k-00003\n    only in the log: {"delay":8}');
  });
});
