import { mergeAttempts } from './read-attempts';

const sent = (n: number) =>
  `{"n":${n},"kind":"event","id":"r-${n}","key":"k3","seq":4,"way":"single","sentAt":10}`;
const acknowledged = (n: number) => `{"n":${n},"outcome":"acknowledged","position":"flights/3/17","at":12}`;

describe('the attempts file', () => {
  it('gives each attempt with its outcome, and the lines at which it began and ended', () => {
    expect(mergeAttempts([sent(1), sent(2), acknowledged(1)])[0]).toEqual({
      n: 1,
      kind: 'event',
      id: 'r-1',
      key: 'k3',
      seq: 4,
      way: 'single',
      sentAt: 10,
      at: 12,
      outcome: { outcome: 'acknowledged', position: 'flights/3/17' },
      sentLine: 0,
      outcomeLine: 2,
    });
  });

  it('takes an attempt without an outcome for unknown', () => {
    expect(mergeAttempts([sent(1)])).toMatchObject([
      { n: 1, at: undefined, outcome: { outcome: 'unknown' }, outcomeLine: Infinity },
    ]);
  });

  it('passes over a last line that was cut short, and refuses any other that it cannot read', () => {
    const cut = acknowledged(1).slice(0, 30);
    expect(mergeAttempts([sent(1), cut])).toMatchObject([{ outcome: { outcome: 'unknown' } }]);
    expect(() => mergeAttempts([sent(1), cut, sent(2)])).toThrow('the attempts:2 is no line of an attempt');
  });

  it('refuses an outcome of an attempt that was never sent', () => {
    expect(() => mergeAttempts([sent(1), acknowledged(2)])).toThrow('has an outcome of attempt 2, not sent');
  });
});
