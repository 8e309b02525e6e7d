import { SeededChoices } from './seeded-choices';

describe('choices with a seed', () => {
  const items = Array.from({ length: 50 }, (_, n) => n);
  const shuffle = (seed: number) => new SeededChoices(seed).shuffled(items);

  it('shuffle items into another order without losing or repeating one', () => {
    expect(shuffle(1)).not.toEqual(items);
    expect(shuffle(1).sort((a, b) => a - b)).toEqual(items);
  });

  it('shuffle alike for the same seed, and otherwise for another', () => {
    expect(shuffle(1)).toEqual(shuffle(1));
    expect(shuffle(1)).not.toEqual(shuffle(2));
  });
});
