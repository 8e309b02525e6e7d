import { sampleBuild, sampleProjection } from '../test/sample-projection';
import { buildLines, projectionTable, verifiedText } from './tables';

const NOW = Date.parse('2026-01-02T04:00:00Z');
const verification = {
  ...{ replay: 9, version: 1, build: 2, rows: '20000', positions: [] },
  ...{ at: '2026-01-02T03:55:00Z', equal: true, keys: '0' },
};

describe('the tables of millrace projections', () => {
  it('say when there is nothing', () => {
    expect(projectionTable([], NOW)).toBe('no projection was started yet');
  });

  it('show every build with its lag, rate and size, and the live one with its last verification', () => {
    const previous = sampleBuild({ build: 1, state: 'previous', lag: null, lagSeconds: null });
    const projection = sampleProjection({
      builds: [previous, sampleBuild()],
      lastVerification: verification,
    });
    const text = projectionTable([projection], NOW);
    expect(text).toMatch(
      /│ flight +│ +1 │ +2 │ live +│ +1,200 │ +3 s │ +9,000\/s │ 1 key \(4 events\) │ ~ 20,000 │ 1\.5 MiB │ equal, 5 min 0 s ago │/,
    );
    expect(text).toMatch(/│ flight +│ +1 │ +1 │ previous │ +– │ +– │ .* │ +│/);
  });

  it('show what a service of the release before does not tell as not known', () => {
    const { version, build, state, table, createdAt, lag } = sampleBuild();
    const projection = { ...sampleProjection(), builds: [{ version, build, state, table, createdAt, lag }] };
    const { runs: _runs, lastVerification: _last, ...before } = projection;
    expect(projectionTable([before], NOW)).toMatch(/│ +1,200 │ +– │ +– │ +– │ +– │ +– │ never +│/);
  });

  it('say where folding stands still, and what is under way', () => {
    const [running] = sampleBuild().partitions!;
    const halted = { ...running!, partition: 4, state: 'halted', reason: 'cannot fold' };
    const projection = sampleProjection({
      builds: [sampleBuild({ partitions: [running!, halted] })],
      runs: [
        { id: 7, kind: 'rebuild', state: 'review', paused: false },
        { id: 8, kind: 'verify', state: 'building', paused: true },
      ],
    });
    const text = projectionTable([projection], NOW);
    expect(text).toContain('│ live, 1 halted │');
    expect(text.split('\n').slice(-3)).toEqual([
      'replay 7 of flight, a rebuild, is review',
      'replay 8 of flight, a verification, is paused while building',
      'flight, version 1, build 2: flights/4 is halted at offset 38800: cannot fold',
    ]);
  });

  it('show one build with its table and its partitions', () => {
    const text = buildLines(sampleBuild({ sample: { share: 0.01 } })).join('\n');
    expect(text).toMatch(
      /^version 1, build 2 is live: read_model\.flight_v1_b2, since 2026-01-02 03:04:05Z\n/,
    );
    expect(text).toContain('folds a sample of 1% of the keys');
    expect(text).toMatch(/│ flights\/3 │ +38,800 │ +40,000 │ 1,200 │ +3 s │ running │/);
  });
});

describe('the last verification', () => {
  it.each([
    [undefined, 'never'],
    [null, 'never'],
    [verification, 'equal, 5 min 0 s ago'],
    [{ ...verification, share: 0.005 }, 'equal in 0.5%, 5 min 0 s ago'],
    [{ ...verification, equal: false, keys: '0' }, 'parked keys differ, 5 min 0 s ago'],
    [{ ...verification, equal: false, keys: '1' }, '1 key differs, 5 min 0 s ago'],
    [
      { ...verification, equal: false, keys: '2000', at: '2025-12-30T02:00:00Z' },
      '2,000 keys differ, 3 d 2 h ago',
    ],
  ])('that is %j is shown as: %s', (found, expected) => {
    expect(verifiedText(found, NOW)).toBe(expected);
  });
});
