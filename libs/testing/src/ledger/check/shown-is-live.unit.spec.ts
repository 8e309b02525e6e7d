import type { ShownBuild } from '../evidence';
import { shownIsLive } from './shown-is-live';

function shown(table: string, live: string, ...nextOffsets: ShownBuild['nextOffsets'][number][]): ShownBuild {
  return { at: 0, model: 'ledgerLast', shown: table, live, nextOffsets };
}

describe('readers are shown the live build', () => {
  it('holds across a swap to a build that stands where the former one stood', () => {
    const samples = [shown('b1', 'b1', [0, 5n], [1, 7n]), shown('b2', 'b2', [0, 5n], [1, 8n])];
    expect(shownIsLive({ shown: samples })).toEqual({ invariant: 'shown-is-live', missing: [], extra: [] });
  });

  it('does not hold when a view shows another build, which is said once however long it did', () => {
    const samples = [shown('b1', 'b1'), shown('b2', 'b1'), shown('b2', 'b1'), shown('b2', 'b2')];
    expect(shownIsLive({ shown: samples }).extra).toEqual([
      'ledgerLast: readers were shown b2 while b1 was live',
    ]);
  });

  it('does not hold when time runs backwards in one partition', () => {
    const samples = [shown('b1', 'b1', [0, 5n], [1, 7n]), shown('b2', 'b2', [0, 6n], [1, 6n])];
    expect(shownIsLive({ shown: samples }).extra).toEqual([
      'ledgerLast: b2 went back in partition 1 from 7 to 6',
    ]);
  });

  it('does not hold when nobody looked', () => {
    expect(shownIsLive({ shown: [] }).missing).toEqual(['any sample of what readers are shown']);
  });
});
