import { sampleDifference, samplePartition, sampleProof, sampleRun } from '../test/sample-run';
import { exitCodeHelp, exitCodeOf, exitCodes } from './exit-code';

describe('the exit code of a watched replay', () => {
  it.each([
    ['done', 0],
    ['refused', 3],
    ['cancelled', 5],
    ['review', 6],
  ] as const)('of a replay that is %s is %i', (state, code) => {
    expect(exitCodeOf(sampleRun({ state }))).toBe(code);
    const halted = [samplePartition({ state: 'halted' })];
    expect(exitCodeOf(sampleRun({ state, partitions: halted }))).toBe(code);
  });

  it('of a verification is 1 when it has found a difference, as that of diff', () => {
    expect(exitCodeOf(sampleRun({ kind: 'verify', state: 'done', proof: sampleProof() }))).toBe(0);
    expect(exitCodeOf(sampleRun({ kind: 'verify', state: 'done', proof: sampleDifference() }))).toBe(1);
    expect(exitCodeOf(sampleRun({ kind: 'verify', state: 'cancelled' }))).toBe(5);
    // Of a rebuild it was approved.
    expect(exitCodeOf(sampleRun({ state: 'done', proof: sampleDifference() }))).toBe(0);
  });

  it.each(['building', 'proving', 'swapping'] as const)('is not known while it is %s', (state) => {
    const waiting = (['unassigned', 'running', 'waiting', 'held'] as const).map((present) =>
      samplePartition({ state: present }),
    );
    expect(exitCodeOf(sampleRun({ state, partitions: waiting }))).toBeUndefined();
    expect(exitCodeOf(sampleRun({ state, paused: true }))).toBeUndefined();
  });

  it.each(['building', 'proving', 'swapping'] as const)(
    'is 4 when a partition is halted while %s',
    (state) => {
      const partitions = [samplePartition(), samplePartition({ partition: 4, state: 'halted' })];
      expect(exitCodeOf(sampleRun({ state, partitions }))).toBe(4);
    },
  );

  it('is explained by the help, each one', () => {
    const explained = [...exitCodeHelp.matchAll(/^ {2}(\d+) /gm)].map(([, code]) => Number(code));
    expect(explained).toEqual(Object.values(exitCodes));
  });
});
