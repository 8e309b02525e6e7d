import { LEDGER_READER, OUTSIDE_READER } from '../evidence';
import { cleanHistory } from '../test/clean-history';
import { nothingParked } from './nothing-parked';

const history = cleanHistory(7);
const [one, other] = history.effects;

describe('nothing stays parked', () => {
  it('holds for a clean history', () => {
    expect(nothingParked(history)).toEqual({ invariant: 'nothing-parked', missing: [], extra: [] });
  });

  it('shows what is left, of which group, and why', () => {
    const parked = [{ ...one!, reader: LEDGER_READER, failure: 'not now' }];
    const dead = [{ ...other!, id: null, reader: OUTSIDE_READER, failure: null }];
    const { extra, first } = nothingParked({ ...history, parked, dead });
    expect(extra).toEqual([
      `group/ledger: ${one!.id} (parked: not now)`,
      `group/outside: flights/${other!.partition}/${other!.offset} (dead)`,
    ]);
    expect(first![0]).toBe(`key ${one!.key}`);
  });
});
