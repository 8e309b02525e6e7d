import { samplePartition, sampleRun } from '../test/sample-run';
import { projectionTable, runDetails, runTable } from './tables';

describe('the tables of millrace replay and millrace projections', () => {
  it('say when there is nothing', () => {
    expect(runTable([])).toBe('there was no replay yet');
    expect(projectionTable([])).toBe('no projection was started yet');
  });

  it('show a replay in one row', () => {
    expect(runTable([sampleRun({ paused: true })])).toMatch(
      /│ +7 │ flight +│ version 1, build 2 │ paused while building │ +25% │ 2026-01-02 03:04:05Z │/,
    );
  });

  it('show where each partition of a replay is, and why it stands still', () => {
    const halted = samplePartition({
      partition: 4,
      position: '12',
      logEnd: null,
      state: 'halted',
      reason: 'cannot fold',
    });
    const text = runDetails(sampleRun({ reason: 'look', partitions: [samplePartition(), halted] })).join(
      '\n',
    );
    expect(text).toMatch(
      /^replay 7 of flight \(version 1, build 2\): building, 10,000 of 40,000 events.*\n {2}look/,
    );
    expect(text).toMatch(/│ flights\/3 │ +0 │ +10,000 │ 40,000 │ +40,010 │ running │/);
    expect(text).toMatch(/│ flights\/4 │ .* │ not known │ halted  │/);
    expect(text).toMatch(/flights\/4 is halted at offset 12: cannot fold$/);
  });

  it('show every build of a projection', () => {
    const build = { version: 1, table: 'read_model.flight_v1', createdAt: '2026-01-02T03:04:05.678Z' };
    const text = projectionTable([
      {
        name: 'flight',
        liveVersion: 1,
        liveBuild: 2,
        builds: [
          { ...build, build: 2, state: 'live', lag: '1200' },
          { ...build, build: 1, state: 'previous', lag: null },
        ],
      },
    ]);
    expect(text).toMatch(
      /│ flight +│ +1 │ +2 │ live +│ +1,200 │ read_model.flight_v1 │ 2026-01-02 03:04:05Z │/,
    );
    expect(text).toMatch(/│ +1 │ +1 │ previous │ not known │/);
  });
});
