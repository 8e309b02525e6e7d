import { GroupSize } from './group-size';

describe('the size of a group commit', () => {
  /** The sizes of the next commits, when each record takes so long. */
  function sizesAt(msARecord: number, commits: number, size = new GroupSize()): number[] {
    return Array.from({ length: commits }, () => {
      const records = size.next;
      size.took(records * msARecord, records);
      return records;
    });
  }

  it('doubles while commits are quick', () => {
    expect(sizesAt(0.01, 6)).toEqual([32, 64, 128, 256, 512, 1_024]);
  });

  it('is halved until a commit takes half a second or less, and stays there', () => {
    expect(sizesAt(100, 6)).toEqual([32, 16, 8, 4, 4, 4]);
  });

  it('is one record when one alone takes longer', () => {
    expect(sizesAt(10_000, 7).slice(-2)).toEqual([1, 1]);
  });

  it('does not grow by commits that had fewer records to take', () => {
    const size = new GroupSize();
    for (let commit = 0; commit < 10; commit++) size.took(1, 5);
    expect(size.next).toBe(32);
  });

  it('grows again when the handler has become quick', () => {
    const size = new GroupSize();
    sizesAt(10_000, 7, size);
    expect(sizesAt(0.01, 3, size)).toEqual([1, 2, 4]);
  });
});
