import { LongestGap } from './longest-gap';

describe('the longest gap', () => {
  it('is the longest time between two that follow each other', () => {
    const gap = new LongestGap();
    for (const now of [1_000, 1_010, 1_050, 1_060]) gap.note(now);
    expect(gap.ms(1_061)).toBe(40);
  });

  it('goes on while nothing happens', () => {
    const gap = new LongestGap();
    for (const now of [1_000, 1_010]) gap.note(now);
    expect(gap.ms(1_500)).toBe(490);
  });

  it('does not begin before the first', () => {
    expect(new LongestGap().ms(5_000)).toBe(0);
  });
});
