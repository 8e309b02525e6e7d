import { cleanHistory } from '../test/clean-history';
import { acknowledgedInLog } from './acknowledged-in-log';

const history = cleanHistory(7);
const [acknowledged] = history.attempts.filter(({ outcome }) => outcome.outcome === 'acknowledged');
const { id, outcome } = acknowledged!;
const position = outcome.outcome === 'acknowledged' ? outcome.position : '';
const isThere = (record: (typeof history.log)[number]) =>
  position === `${record.topic}/${record.partition}/${record.offset}`;

describe('every acknowledged event is in the log', () => {
  it('holds for a clean history', () => {
    expect(acknowledgedInLog(history)).toEqual({ invariant: 'acknowledged-in-log', missing: [], extra: [] });
  });

  it('shows an event whose record is gone, and what happened to its key', () => {
    const log = history.log.filter((record) => !isThere(record));
    const { missing, first } = acknowledgedInLog({ ...history, log });
    expect(missing).toEqual([id]);
    expect(first!.join('\n')).toContain(`${id} acknowledged at ${position}`);
  });

  it.each([
    ['another event', { id: 'r-else' }],
    ['another key', { key: 'else' }],
    ['another number', { seq: 99 }],
  ])('shows an event when its position holds %s', (_what, change) => {
    const log = history.log.map((record) => (isThere(record) ? { ...record, ...change } : record));
    expect(acknowledgedInLog({ ...history, log }).missing).toEqual([id]);
  });

  it('finds the event of a commit wherever it is, and misses it when it is nowhere', () => {
    const attempts = history.attempts.map((each) =>
      each === acknowledged
        ? { ...each, outcome: { outcome: 'acknowledged', position: undefined } as const }
        : each,
    );
    expect(acknowledgedInLog({ ...history, attempts }).missing).toEqual([]);
    const log = history.log.filter((record) => record.id !== id);
    expect(acknowledgedInLog({ attempts, log }).missing).toEqual([id]);
  });

  it('shows an invalid event that was acknowledged', () => {
    const attempts = history.attempts.map((each) =>
      each === acknowledged ? ({ ...each, kind: 'invalid' } as const) : each,
    );
    expect(acknowledgedInLog({ ...history, attempts })).toMatchObject({ missing: [], extra: [id] });
  });
});
