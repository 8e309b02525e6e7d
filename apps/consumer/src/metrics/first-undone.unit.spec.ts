import fc from 'fast-check';
import { FirstUndone } from './first-undone';

const at = (offset: number) => ({ offset: BigInt(offset), timestampMs: 1_000 * offset });
const run = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => at(from + index));

describe('the first record that is not done', () => {
  let undone: FirstUndone;
  beforeEach(() => (undone = new FirstUndone()));

  it('is known from the moment that it was received, until it is done', () => {
    expect(undone.timestampMs(5n, 0)).toBeUndefined();
    undone.received(run(5, 10));
    expect(undone.timestampMs(5n, 1e9)).toBe(5_000);
    undone.consumed(7n, 0);
    expect(undone.timestampMs(7n, 1e9)).toBe(7_000);
  });

  it('is the next one where the log has a gap', () => {
    undone.received([at(5), at(9)]);
    undone.consumed(6n, 0);
    expect(undone.timestampMs(6n, 1e9)).toBe(9_000);
  });

  it('has the last record done stand in for it until the next fetch, for 10 s', () => {
    undone.received(run(5, 10));
    undone.consumed(10n, 20_000);
    expect(undone.timestampMs(10n, 30_000)).toBe(9_000);
    expect(undone.timestampMs(10n, 30_001)).toBeUndefined();
  });

  it('is still known while a record is tried again, and when records of another owner went between', () => {
    undone.received(run(5, 10));
    undone.consumed(7n, 0);
    undone.received(run(7, 12));
    expect(undone.timestampMs(7n, 1e9)).toBe(7_000);
    undone.received(run(40, 42));
    expect(undone.timestampMs(40n, 1e9)).toBe(40_000);
  });

  it('is an earlier one when the position was moved back', () => {
    undone.received(run(40, 42));
    undone.received(run(5, 10));
    expect(undone.timestampMs(5n, 1e9)).toBe(5_000);
  });

  it('is the one behind what is done, however runs arrive and however much is done at once', () => {
    const steps = fc.array(fc.record({ arrive: fc.nat(20), done: fc.nat(25), asked: fc.boolean() }));
    fc.assert(
      fc.property(steps, (all) => {
        const followed = new FirstUndone();
        let [received, done] = [0, 0];
        for (const { arrive, done: more, asked } of all) {
          if (arrive > 0) followed.received(run(received, received + arrive));
          received += arrive;
          const next = Math.min(done + more, received);
          if (next > done) followed.consumed(BigInt(next), 0);
          done = next;
          if (asked && done < received) expect(followed.timestampMs(BigInt(done), 1e9)).toBe(1_000 * done);
        }
        expect(followed.timestampMs(BigInt(done), 1e9)).toBe(done < received ? 1_000 * done : undefined);
      }),
    );
  });
});
