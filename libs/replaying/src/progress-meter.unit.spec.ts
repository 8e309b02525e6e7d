import * as fc from 'fast-check';
import { ProgressMeter } from './progress-meter';

interface Sample {
  readonly done: bigint;
  readonly atMs: number;
}

function meterOf(samples: readonly Sample[]): ProgressMeter {
  const meter = new ProgressMeter();
  for (const { done, atMs } of samples) meter.sample(done, atMs);
  return meter;
}

const anySamples = fc.array(
  fc.record({ done: fc.bigInt({ min: 0n, max: 10n ** 12n }), atMs: fc.integer({ min: 0, max: 60_000 }) }),
  { maxLength: 30 },
);

describe('the progress meter', () => {
  it('gives the rate of steady work exactly, whenever it is sampled and wherever it began', () => {
    const steps = fc.array(fc.integer({ min: 100, max: 3_000 }), { minLength: 10, maxLength: 40 });
    const beginnings = fc.record({
      done: fc.bigInt({ min: 0n, max: 10n ** 15n }),
      atMs: fc.integer({ min: 0, max: 2 ** 41 }),
    });
    fc.assert(
      fc.property(steps, beginnings, fc.integer({ min: 1, max: 1_000 }), (stepsMs, began, perMs) => {
        const meter = new ProgressMeter();
        let passedMs = 0;
        for (const stepMs of stepsMs) {
          passedMs += stepMs;
          meter.sample(began.done + BigInt(passedMs * perMs), began.atMs + passedMs);
        }
        const remaining = BigInt(perMs) * 60_000n;
        const estimate = meter.estimate(remaining, began.atMs + passedMs);
        if (passedMs >= 1_000 + stepsMs[0]!) {
          expect(estimate).toEqual({ eventsPerSecond: perMs * 1_000, secondsLeft: 60 });
        }
      }),
    );
  });

  it('never gives a number that is negative or endless, whatever it is told', () => {
    fc.assert(
      fc.property(anySamples, fc.bigInt({ min: -5n, max: 10n ** 15n }), (samples, remaining) => {
        const { eventsPerSecond, secondsLeft } = meterOf(samples).estimate(
          remaining,
          samples.at(-1)?.atMs ?? 0,
        );
        for (const value of [eventsPerSecond ?? 0, secondsLeft ?? 0]) {
          expect(Number.isFinite(value)).toBe(true);
          expect(value).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('forgets what was before the count went back, as a crash lets it', () => {
    const rising = fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 12 });
    fc.assert(
      fc.property(rising, rising, (before, after) => {
        const climb = (steps: readonly number[], from: Sample): Sample[] => {
          const samples = [from];
          for (const step of steps) {
            const { done, atMs } = samples.at(-1)!;
            samples.push({ done: done + BigInt(step), atMs: atMs + 700 });
          }
          return samples;
        };
        const first = climb(before, { done: 1_000n, atMs: 0 });
        const second = climb(after, { done: 999n, atMs: first.at(-1)!.atMs + 700 });
        const nowMs = second.at(-1)!.atMs;
        expect(meterOf([...first, ...second]).estimate(50n, nowMs)).toEqual(
          meterOf(second).estimate(50n, nowMs),
        );
      }),
    );
  });

  it('begins anew when the clock goes back', () => {
    const meter = meterOf([
      { done: 0n, atMs: 9_000 },
      { done: 10n, atMs: 4_000 },
      { done: 20n, atMs: 5_000 },
      { done: 80n, atMs: 9_000 },
    ]);
    expect(meter.estimate(140n, 9_000)).toEqual({ eventsPerSecond: 14, secondsLeft: 10 });
  });

  it('says nothing before a second has passed', () => {
    const meter = meterOf([
      { done: 0n, atMs: 0 },
      { done: 900n, atMs: 999 },
    ]);
    expect(meter.estimate(9_000n, 999)).toEqual({ eventsPerSecond: null, secondsLeft: null });
    meter.sample(1_000n, 1_000);
    expect(meter.estimate(9_000n, 1_000)).toEqual({ eventsPerSecond: 1_000, secondsLeft: 9 });
  });

  it('speaks of the last ten seconds alone', () => {
    const meter = meterOf([
      { done: 0n, atMs: 0 },
      { done: 100_000n, atMs: 5_000 },
      { done: 100_010n, atMs: 15_000 },
    ]);
    expect(meter.estimate(10n, 15_000)).toEqual({ eventsPerSecond: 1, secondsLeft: 10 });
  });

  it('has no end in sight while nothing moves, and none to wait for when nothing remains', () => {
    const meter = meterOf([
      { done: 7n, atMs: 0 },
      { done: 7n, atMs: 5_000 },
    ]);
    expect(meter.estimate(10n, 5_000)).toEqual({ eventsPerSecond: 0, secondsLeft: null });
    expect(meter.estimate(0n, 5_000)).toEqual({ eventsPerSecond: 0, secondsLeft: 0 });
  });

  it('does not count a pause as slow work, when it is told of it and when nobody samples meanwhile', () => {
    const meter = meterOf([
      { done: 0n, atMs: 0 },
      { done: 3_000n, atMs: 3_000 },
    ]);
    meter.restart();
    meter.sample(3_000n, 8_000);
    meter.sample(5_000n, 10_000);
    expect(meter.estimate(1_000n, 10_000)).toEqual({ eventsPerSecond: 1_000, secondsLeft: 1 });
    expect(meter.estimate(1_000n, 40_000)).toEqual({ eventsPerSecond: null, secondsLeft: null });
    meter.sample(5_000n, 60_000);
    expect(meter.estimate(1_000n, 60_000)).toEqual({ eventsPerSecond: null, secondsLeft: null });
  });
});
