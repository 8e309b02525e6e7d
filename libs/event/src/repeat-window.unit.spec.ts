import fc from 'fast-check';
import type { LogRecord } from './log-record';
import { LooseRecord } from './loose-record';
import { RepeatWindow } from './repeat-window';

/** A record of that identity, written `source/id`; without a slash it is no event. */
function recordOf(identity: string, offset: number): LogRecord {
  const [source, id] = identity.split('/');
  return new LooseRecord({
    ...{ topic: 't', partition: 0, offset: FIRST + BigInt(offset), timestampMs: 0 },
    headers: [
      ['ce_source', Buffer.from(source ?? '')],
      ['ce_id', id === undefined ? null : Buffer.from(id)],
    ],
  });
}

/** Offsets may be beyond what a number holds exactly. */
const FIRST = 2n ** 60n;

/** The definition, said without any window: look back through the log itself. */
function repeatsByTheLog(log: readonly string[], distance: number): boolean[] {
  return log.map(
    (identity, offset) =>
      identity.includes('/') && log.slice(Math.max(0, offset - distance), offset).includes(identity),
  );
}

const logs = fc.array(fc.constantFrom('a/1', 'a/2', 'b/1', 'b/2', 'c/1', 'no event'), { maxLength: 60 });

describe('a repeat window', () => {
  it('calls a record a repeat exactly when its identity lies within the distance before it', () => {
    fc.assert(
      fc.property(logs, fc.integer({ min: 0, max: 12 }), (log, distance) => {
        const window = new RepeatWindow(BigInt(distance));
        const seen = log.map((identity, offset) => window.observe(recordOf(identity, offset)));
        expect(seen).toEqual(repeatsByTheLog(log, distance));
      }),
    );
  });

  it('decides the same after a restart that was shown the distance before its start', () => {
    fc.assert(
      fc.property(logs, fc.integer({ min: 0, max: 12 }), fc.nat(60), (log, distance, cut) => {
        const start = Math.min(cut, log.length);
        const restarted = new RepeatWindow(BigInt(distance));
        const decisions = new Map<number, boolean>();
        for (let offset = Math.max(0, start - distance); offset < log.length; offset++) {
          decisions.set(offset, restarted.observe(recordOf(log[offset] ?? '', offset)));
        }
        const expected = repeatsByTheLog(log, distance);
        for (let offset = start; offset < log.length; offset++) {
          expect(decisions.get(offset)).toBe(expected[offset]);
        }
      }),
    );
  });

  it('holds no more identities than twice the distance has', () => {
    const window = new RepeatWindow(100n);
    let most = 0;
    for (let offset = 0; offset < 10_000; offset++) {
      window.observe(recordOf(`source-${offset % 3}/${offset}`, offset));
      most = Math.max(most, window.size);
    }
    expect(most).toBe(202);
  });
});
