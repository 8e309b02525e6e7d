import { isFed } from './feed';

describe('feeding on data of an earlier run', () => {
  it('repeats 20,000 flights, whose repeats every reader recognises', () => {
    expect([0n, 17n, 40_000n, 80_000n].map((inLog) => isFed(20_000, inLog))).toEqual(Array(4).fill(false));
  });

  it('feeds more flights once, whatever else was published since', () => {
    expect([0n, 60_000n, 60_001n].map((inLog) => isFed(30_000, inLog))).toEqual([false, true, true]);
  });

  it('does not go on after a feed that was cut short, and says how to begin anew', () => {
    expect(() => isFed(30_000, 59_999n)).toThrow(
      'The log holds 59,999 of 60,000 events: an earlier feed was cut short. ' +
        'Begin anew with npm start -- --fresh --flights 30000',
    );
  });
});
