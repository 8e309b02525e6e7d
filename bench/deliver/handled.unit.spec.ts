import { Handled } from './handled';

describe('the count of handled records', () => {
  it('has a result with the last one that is counted, and not before', async () => {
    const handled = new Handled({ warmUp: 2, counted: 3 });
    for (let record = 1; record < 5; record++) handled.one();
    expect(handled.measured).toBeUndefined();
    handled.one();
    expect(Object.keys(handled.measured ?? {})).toEqual(['rate', 'cpu']);
    expect(await handled.whole()).toBe(handled.measured);
  });

  it('is warm with the last one of the warm-up, and from the beginning without one', () => {
    const handled = new Handled({ warmUp: 2, counted: 1 });
    handled.one();
    expect(handled.isWarm).toBe(false);
    handled.one();
    expect(handled.isWarm).toBe(true);
    expect(new Handled({ warmUp: 0, counted: 1 }).isWarm).toBe(true);
  });

  it('keeps its result, whatever comes after it', () => {
    const handled = new Handled({ warmUp: 1, counted: 1 });
    for (let record = 0; record < 2; record++) handled.one();
    const before = handled.measured;
    handled.one();
    expect(handled.measured).toBe(before);
  });

  it('has percentiles of the waiting of those that are counted alone', () => {
    const handled = new Handled({ warmUp: 2, counted: 3 });
    for (const waitedMs of [500, 500, 1, 2, 3, 500]) handled.one(waitedMs);
    expect(handled.measured).toMatchObject({ p50: 2, p99: 2.98 });
  });
});
