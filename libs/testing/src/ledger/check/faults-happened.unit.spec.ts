import { faultsHappened } from './faults-happened';

describe('every scheduled fault happened', () => {
  it('holds when each happened as often as it was scheduled', () => {
    const counts = { 'kill consumer': 2, 'drop response': 1 };
    expect(faultsHappened({ scheduled: counts, injected: counts })).toEqual({
      invariant: 'faults-happened',
      missing: [],
      extra: [],
    });
  });

  it('shows what did not happen, as often as it is short, and what nobody scheduled', () => {
    const scheduled = { 'kill consumer': 3, 'drop response': 1 };
    const injected = { 'kill consumer': 1, 'drop response': 1, 'stop kafka': 1 };
    expect(faultsHappened({ scheduled, injected })).toEqual({
      invariant: 'faults-happened',
      missing: ['kill consumer', 'kill consumer'],
      extra: ['stop kafka'],
    });
  });
});
