import { jest } from '@jest/globals';
import { MemberWatchdog } from '../member-watchdog';

describe('the watchdog of a member', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('keeps quiet while signs come, reports silence once, and says for how long', () => {
    const reports: string[] = [];
    const watchdog = new MemberWatchdog(90_000, (reason) => reports.push(reason));
    for (let sign = 0; sign < 10; sign++) {
      jest.advanceTimersByTime(60_000);
      watchdog.sign();
    }
    expect(reports).toEqual([]);
    jest.advanceTimersByTime(600_000);
    expect(reports).toEqual([
      expect.stringMatching(/^the member has neither joined nor sent a heartbeat for (9\d|10\d|11\d) s$/),
    ]);
  });

  it('reports nothing after it was stopped', () => {
    const reports: string[] = [];
    const watchdog = new MemberWatchdog(90_000, (reason) => reports.push(reason));
    watchdog.stop();
    jest.advanceTimersByTime(600_000);
    expect(reports).toEqual([]);
  });
});
