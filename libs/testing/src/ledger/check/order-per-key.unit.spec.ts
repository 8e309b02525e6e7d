import { mergeAttempts } from '../read-attempts';
import type { Effect, LedgerRecord } from '../evidence';
import { cleanHistory } from '../test/clean-history';
import { orderPerKey } from './order-per-key';

/** `sent a`, `acknowledged a`, `unknown a`, `refused a`: one key's attempts in the order of the file. */
function attempts(...happenings: string[]) {
  const numbers = new Map<string, number>();
  const lines = happenings.map((happening, index) => {
    const [what = '', id = ''] = happening.split(' ');
    if (what === 'sent') {
      numbers.set(id, index);
      return { n: index, kind: 'event', id, key: 'k', seq: 1, way: 'single', sentAt: index };
    }
    const rest = { position: 'flights/0/0', status: 503, type: 'urn:some', reason: 'no answer' };
    return { n: numbers.get(id), outcome: what, at: index, ...rest };
  });
  return mergeAttempts(lines.map((line) => JSON.stringify(line)));
}

function records(...ids: string[]): LedgerRecord[] {
  const rest = { source: '/faults', key: 'k', seq: 1, destination: 'ATL', attempt: null, atMs: 0 };
  return ids.map((id, offset) => ({ topic: 'flights', partition: 0, offset: BigInt(offset), id, ...rest }));
}

describe('the order of a key', () => {
  it('holds for a clean history', () => {
    expect(orderPerKey(cleanHistory(7))).toEqual({ invariant: 'order-per-key', missing: [], extra: [] });
  });

  const serial = attempts('sent a', 'acknowledged a', 'sent b', 'acknowledged b');
  const pipelined = attempts('sent a', 'sent b', 'acknowledged a', 'acknowledged b');
  const unknownFirst = attempts(
    'sent a',
    'unknown a',
    'sent b',
    'acknowledged b',
    'sent a',
    'acknowledged a',
  );
  const refusedFirst = attempts(
    'sent a',
    'refused a',
    'sent b',
    'acknowledged b',
    'sent a',
    'acknowledged a',
  );
  const neverKnown = attempts('sent a', 'unknown a', 'sent b', 'acknowledged b', 'sent c', 'acknowledged c');

  const known = attempts('sent a', 'unknown a', 'sent a', 'acknowledged a', 'sent b', 'acknowledged b');

  it.each([
    ['one after the other', serial, ['a', 'b']],
    ['in a row', pipelined, ['a', 'b']],
    ['with a repeat behind', serial, ['a', 'b', 'a']],
    ['of which the unknown one came at first', unknownFirst, ['a', 'b']],
    ['of which the unknown one came with its second attempt', unknownFirst, ['b', 'a']],
    ['of which one was refused at first', refusedFirst, ['b', 'a']],
    ['of which one was never known and came late', neverKnown, ['b', 'c', 'a']],
  ])('allows events %s', (_what, sent, ids) => {
    expect(orderPerKey({ attempts: sent, log: records(...ids), effects: [] }).extra).toEqual([]);
  });

  it.each([
    ['was acknowledged before the other was sent', serial, ['b', 'a'], ['a']],
    ['was acknowledged first of two in a row', pipelined, ['b', 'a'], ['a']],
    ['was acknowledged before one that had been refused', refusedFirst, ['a', 'b'], ['b']],
    ['was unknown at first, and acknowledged before the other was sent', known, ['b', 'a', 'a'], ['a']],
    ['lies behind one that was sent after its acknowledgement', neverKnown, ['c', 'a', 'b'], ['b']],
  ])('shows the event that %s', (_what, sent, ids, late) => {
    const findings = orderPerKey({ attempts: sent, log: records(...ids), effects: [] });
    expect(findings).toMatchObject({ missing: [], extra: late });
    expect(findings.first!.join('\n')).toContain(`record   ${late[0]}`);
  });

  it('leaves the places of a key in two partitions alone', () => {
    const log = records('b', 'a').map((record, partition) => ({ ...record, partition }));
    expect(orderPerKey({ attempts: serial, log, effects: [] }).extra).toEqual([]);
  });

  it('shows effects in another order than the log, and forgives a second effect of the same event', () => {
    const log = records('a', 'b', 'a');
    const effect = (number: bigint, index: number): Effect => {
      const { topic, partition, offset, id } = log[index]!;
      return { number, id: id!, key: 'k', seq: 1, topic, partition, offset, atMs: 0 };
    };
    const inOrder = [effect(1n, 0), effect(2n, 1), effect(3n, 0)];
    expect(orderPerKey({ attempts: serial, log, effects: inOrder }).extra).toEqual([]);
    const swapped = [effect(2n, 0), effect(1n, 1)];
    expect(orderPerKey({ attempts: serial, log, effects: swapped }).extra).toEqual(['a']);
  });
});
