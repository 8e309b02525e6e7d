import type { LagSample, MemorySample } from '../evidence';
import { settledAgain } from './settled-again';

const MIB = 1_048_576;

function lags(...samples: [at: number, lag: bigint][]): LagSample[] {
  return samples.map(([at, lag]) => ({ at, lag, reader: 'group/ledger', topic: 'flights', partition: 0 }));
}

function memory(process: string, ...mebibytes: number[]): MemorySample[] {
  return mebibytes.map((size, index) => ({ at: index * 60_000, process, bytes: size * MIB }));
}

const level = memory('consumer', 100, 180, 200, 190, 200, 210, 200, 190, 210);
const caughtUp = lags([5_000, 3n], [20_000, 0n]);

describe('every lag is zero again and memory is level', () => {
  it('holds when each reader has caught up once after the last fault', () => {
    const back = [...caughtUp, ...lags([30_000, 2n])];
    expect(settledAgain({ lastFaultAt: 4_000, lags: back, memory: level }, [])).toEqual({
      invariant: 'settled-again',
      missing: [],
      extra: [],
    });
  });

  it.each([
    ['before the last fault', lags([5_000, 0n], [20_000, 3n]), 'group/ledger in flights/0: still 3 behind'],
    [
      'more than 60 s after it',
      lags([20_000, 7n], [71_000, 0n]),
      'group/ledger in flights/0: still 7 behind',
    ],
    ['and was not looked at', lags([5_000, 0n]), 'group/ledger in flights/0: not sampled'],
  ])('shows a reader that caught up only %s', (_what, samples, missing) => {
    expect(settledAgain({ lastFaultAt: 10_000, lags: samples, memory: level }, []).missing).toEqual([
      missing,
    ]);
  });

  it('does not hold when nothing was measured', () => {
    expect(settledAgain({ lastFaultAt: 0, lags: [], memory: [] }, []).missing).toEqual([
      'any sample of a lag',
      'any sample of memory',
    ]);
  });

  it('shows a process that grows, whatever else is level', () => {
    const grown = memory('producer', 100, 150, 200, 250, 300, 350, 400, 450, 500);
    expect(
      settledAgain({ lastFaultAt: 4_000, lags: caughtUp, memory: [...level, ...grown] }, []).extra,
    ).toEqual(['producer: from 300 to 450 MiB']);
  });

  it('does not judge a process that has lived for less than two minutes', () => {
    const young = memory('projection', 100, 200);
    expect(settledAgain({ lastFaultAt: 4_000, lags: caughtUp, memory: young }, []).extra).toEqual([]);
  });

  it('lets a small process grow by 20 MiB, and a large one by a quarter', () => {
    const small = memory('cli', 30, 30, 30, 40, 40, 40, 60, 60, 60);
    const large = memory('kafka', 900, 900, 900, 1_000, 1_000, 1_000, 1_200, 1_200, 1_200);
    expect(
      settledAgain({ lastFaultAt: 4_000, lags: caughtUp, memory: [...small, ...large] }, []).extra,
    ).toEqual([]);
  });
});
