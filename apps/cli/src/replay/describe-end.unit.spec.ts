import { sampleDifference, samplePartition, sampleProof, sampleRun } from '../test/sample-run';
import { describeEnd } from './describe-end';

const text = (...run: Parameters<typeof sampleRun>): string => describeEnd(sampleRun(...run)).join('\n');
const swap = { at: '2026-01-02T03:04:15.000Z', attempts: 2, pauseMs: 12.4 };

describe('what a watch ends with', () => {
  it('says of a replay that is done what was proven, how long folding was held, and how to undo it', () => {
    expect(text({ state: 'done', proof: sampleProof(), swap }).split('\n')).toEqual([
      'replay 7 is done: flight is served from version 1, build 2',
      'proven equal: 20,000 rows, digest d1 on both sides',
      '  at flights/3/39999',
      'folding was held for 12 ms at the swap (2 attempts)',
      'version 1, build 1 goes on folding until you decide:',
      '  millrace projections rollback flight   goes back to it',
      '  millrace projections release flight    gives it up',
    ]);
  });

  it('names no rollback where there was no build before', () => {
    const first = text({ state: 'done', replaces: null, proof: null, swap });
    expect(first).toContain('nothing to compare it with');
    expect(first).not.toContain('rollback');
  });

  it('shows every differing key that it was given with both rows when the proof refused', () => {
    const refused = text({ state: 'refused', reason: 'other rows', proof: sampleDifference() });
    expect(refused.split('\n')).toEqual([
      'replay 7 of flight was refused by the proof: the same logic gave other rows. The live build stays.',
      '  live     20,000 rows, digest d1',
      '  rebuilt  19,999 rows, digest d2',
      '  at flights/3/39999',
      '  4 keys differ: 2 changed, 1 only live, 1 only rebuilt',
      '  20k-00001',
      '    live     {"delay":5}',
      '    rebuilt  {"delay":6}',
      '  20k-00002',
      '    live     {"delay":7}',
      '    rebuilt  no row',
      '  20k-00003',
      '    live     no row',
      '    rebuilt  {"delay":8}',
      '  … and 1 more key',
      'Both tables are kept, so that you can look. To drop the rebuilt one:',
      '  millrace replay cancel 7',
    ]);
  });

  it('says why the proof refused where no rows were compared', () => {
    const refused = text({ state: 'refused', reason: 'the topic was made again' });
    expect(refused).toContain('\n  the topic was made again\n');
  });

  it('names the partition of a partial row that differs', () => {
    const difference = sampleDifference();
    const [first] = difference.differing.examples;
    const examples = [{ ...first!, key: 'LAS', partition: 'flights/5' }];
    const proof = { ...difference, differing: { ...difference.differing, examples } };
    expect(text({ state: 'refused', proof })).toContain('\n  LAS (flights/5)\n');
  });

  it('shows the difference that waits for approval, and both ways on', () => {
    const review = text({ state: 'review', sameLogic: false, proof: sampleDifference({ sameLogic: false }) });
    expect(review).toContain('waits for approval');
    expect(review).toContain('20k-00001');
    expect(review).toMatch(/replay approve 7\n.*replay cancel 7$/);
  });

  it('says of approved rows that they differ instead of calling them proven', () => {
    const done = text({
      state: 'done',
      sameLogic: false,
      proof: sampleDifference({ sameLogic: false }),
      swap,
    });
    expect(done).toContain('differs from the build before, as was approved');
    expect(done).not.toContain('proven equal');
    // They were all shown when it was approved.
    expect(done).not.toContain('20k-00001');
  });

  it('says where and why a replay stands still, and not where it runs', () => {
    const halted = samplePartition({ partition: 4, position: '12', state: 'halted', reason: 'cannot fold' });
    const lines = text({ partitions: [samplePartition(), halted] });
    expect(lines).toContain('flights/4 is halted at offset 12: cannot fold');
    expect(lines).not.toContain('flights/3');
  });

  it('says of a verification that the live rows are what the log says, of which build, and of how many keys', () => {
    const run = { kind: 'verify', state: 'done', proof: sampleProof() } as const;
    expect(text(run).split('\n')).toEqual([
      'replay 7, a verification of flight (version 1, build 1): the live rows are what the log says',
      '  20,000 rows, digest d1 on both sides',
      '  at flights/3/39999',
    ]);
    expect(text({ ...run, sample: { share: 0.01 } })).toContain('says, in a sample of 1% of the keys\n');
  });

  it('says which keys a verification has found to differ, and that nothing was changed', () => {
    const found = text({ kind: 'verify', state: 'done', proof: sampleDifference() });
    expect(found).toMatch(
      /^replay 7, a verification of flight .*: the live rows are not what the log says\n/,
    );
    expect(found).toContain('  20k-00001\n    delay: live 5, in the log 6\n');
    expect(found).toMatch(/\nNothing was changed\..*\nTo see this again: millrace projections show flight$/);
  });

  it('says of a held replay what was proven, and both ways on', () => {
    const held = text({ state: 'review', hold: true, proof: sampleProof() });
    expect(held.split('\n')).toEqual([
      'replay 7 of flight is held, and waits for you.',
      'proven equal: 20,000 rows, digest d1 on both sides',
      '  at flights/3/39999',
      'To let it go live, or not:',
      '  millrace projections swap flight',
      '  millrace replay cancel 7',
    ]);
  });

  it('says why a replay was cancelled', () => {
    expect(text({ state: 'cancelled', reason: 'by an operator' })).toMatch(
      /cancelled.*\n {2}by an operator$/,
    );
  });
});
