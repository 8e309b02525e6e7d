import { samplePartition, sampleRun } from '../test/sample-run';
import { runDetails, runLine, runTable } from './tables';

describe('the tables of millrace replay', () => {
  it('say when there is nothing', () => {
    expect(runTable([])).toBe('there was no replay yet');
  });

  it('show a replay in one row', () => {
    expect(runTable([sampleRun({ paused: true })])).toMatch(
      /│ +7 │ rebuild │ flight +│ version 1, build 2 │ paused while building │ +25% │ 2026-01-02 03:04:05Z │/,
    );
  });

  it('say of a verification that it is one', () => {
    expect(runTable([sampleRun({ kind: 'verify' })])).toMatch(/│ +7 │ verify │ flight +│/);
    expect(runLine(sampleRun({ kind: 'verify' }))).toMatch(/^replay 7, a verification of flight \(version 1/);
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
});
