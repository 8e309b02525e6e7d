import { rebuildsEnd } from './rebuilds-end';

describe('every rebuild comes to its end, proven equal', () => {
  it('holds when none is open', () => {
    expect(rebuildsEnd({ openRebuilds: [] })).toEqual({
      invariant: 'rebuilds-end',
      missing: [],
      extra: [],
    });
  });

  it('shows one that was refused, with the reason, and one that has not ended', () => {
    const refused = { id: 3, model: 'ledgerSum', state: 'refused', reason: '2 keys differ' };
    const building = { id: 4, model: 'ledgerLast', state: 'building', reason: undefined };
    expect(rebuildsEnd({ openRebuilds: [refused, building] })).toMatchObject({
      missing: ['rebuild 4 of ledgerLast: building'],
      extra: ['rebuild 3 of ledgerSum: 2 keys differ'],
    });
  });
});
