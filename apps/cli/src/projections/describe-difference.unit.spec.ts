import { sampleDifference, sampleProof } from '../test/sample-run';
import { describeDifference } from './describe-difference';

describe('what differs between two builds', () => {
  it('is counted, by keys and by columns, and shown with both values of what differs alone', () => {
    const { differing } = sampleDifference();
    const examples = [
      { key: 'SEA', partition: 'flights/5', live: { a: 1, b: [2] }, rebuilt: { a: 1, b: [3] } },
      ...differing.examples.slice(1),
    ];
    const proof = sampleDifference({ differing: { ...differing, columns: { b: '2' }, examples } });
    expect(describeDifference(proof, { emphasise: (text) => `*${text}*` })).toEqual([
      '  live     20,000 rows, digest d1',
      '  rebuilt  19,999 rows, digest d2',
      '  at flights/3/39999',
      '  4 keys differ: 2 changed, 1 only live, 1 only rebuilt',
      '  differing columns: b in 2 rows',
      '  SEA (flights/5)',
      '    *b: live [2], rebuilt [3]*',
      '  20k-00002',
      '    *only live: {"delay":7}*',
      '  20k-00003',
      '    *only rebuilt: {"delay":8}*',
      '  … and 1 more key',
    ]);
  });

  it('calls the other side as it is told', () => {
    const [live, other, , keys] = describeDifference(sampleDifference(), { other: 'the log' });
    expect([live, other]).toEqual(['  live     20,000 rows, digest d1', '  the log  19,999 rows, digest d2']);
    expect(keys).toBe('  4 keys differ: 2 changed, 1 only live, 1 only the log');
  });

  it('may be that one side has parked what the other has folded', () => {
    const parked = (differing: number) => ({ live: 2, rebuilt: 2 - differing, differing });
    const lines = describeDifference(sampleProof({ equal: false, parked: parked(1) })).slice(-2);
    expect(lines).toEqual([
      '  no key differs',
      '  parked keys: 2 live, 1 rebuilt, 1 not behind the same events',
    ]);
    expect(describeDifference(sampleProof({ parked: parked(0) })).at(-1)).toBe(
      '  parked keys: 2 live, 2 rebuilt, behind the same events',
    );
  });

  it('is nothing when both are equal', () => {
    expect(describeDifference(sampleProof()).at(-1)).toBe('  no key differs');
  });
});
