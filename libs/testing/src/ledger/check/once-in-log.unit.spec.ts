import { cleanHistory } from '../test/clean-history';
import { onceInLog } from './once-in-log';

describe('each event once in the log', () => {
  const { attempts, log } = cleanHistory(5);
  const once = log.filter(({ id }, index) => log.findIndex((other) => other.id === id) === index);

  it('holds when no identity comes twice', () => {
    expect(onceInLog({ attempts, log: once })).toEqual({ invariant: 'once-in-log', missing: [], extra: [] });
  });

  it('shows every repeat, in whatever partition, with what happened to its key', () => {
    const [one, other] = once;
    const repeats = [
      { ...one!, offset: 1_000n },
      { ...other!, partition: 9 },
      { ...one!, offset: 2_000n },
    ];
    const found = onceInLog({ attempts, log: [...once, ...repeats] });
    expect(found).toMatchObject({ missing: [], extra: [one!.id, other!.id, one!.id] });
    expect(found.first?.join('\n')).toContain(one!.id!);
  });

  it('takes the same id from another source for another event', () => {
    expect(onceInLog({ attempts, log: [...once, { ...once[0]!, source: '/other' }] }).extra).toEqual([]);
  });
});
