import { FlightLanded } from '@millrace/contracts';
import { checkLedger } from './check/check-ledger';
import type { Evidence } from './evidence';
import { describeFindings } from './findings';
import { broken, LedgerUnderTest } from './test/ledger-under-test';

// One clean run, and then every violation planted into what it left behind, each taken back after it was looked at.
describe('the ledger over the real services', () => {
  let ledger: LedgerUnderTest;
  let evidence: Evidence;

  beforeAll(async () => {
    ledger = await LedgerUnderTest.start();
    await ledger.publish(600);
    evidence = await ledger.gather();
  });

  afterAll(() => ledger.stop());

  it('finds nothing after a clean run, and has seen all of it', () => {
    expect(describeFindings(checkLedger(evidence)).filter((line) => !line.startsWith('✓'))).toEqual([]);
    const { attempts, log, effects, readModels } = evidence;
    const { events, invalid, repeats, acknowledged } = ledger.summary;
    expect({ attempts: attempts.length, unsettled: ledger.summary.unsettled }).toEqual({
      attempts: ledger.summary.attempts,
      unsettled: [],
    });
    expect(Math.min(invalid, repeats)).toBeGreaterThan(0);
    expect(log).toHaveLength(acknowledged);
    expect(effects).toHaveLength(events - invalid);
    expect(new Set(evidence.calls.map(({ id }) => id)).size).toBe(events - invalid);
    expect(readModels.map(({ build, rows }) => `${build}: ${rows.length}`).sort()).toEqual([
      'ledgerLast as read: 8',
      'ledgerLast@1 live: 8',
      'ledgerSum as read: 5',
      'ledgerSum@1 live: 5',
    ]);
  });

  it('finds an effect that is lost', async () => {
    const { id } = evidence.effects[100]!;
    const lost = { missing: [id], extra: [] };
    expect(await ledger.findAfter('DELETE FROM faults.effect WHERE event_id = $1', [id])).toEqual({
      'one-effect': lost,
      'consumed-once': lost,
      'positions-pass-nothing': lost,
    });
  });

  it('finds an effect that was made twice', async () => {
    const { id } = evidence.effects[100]!;
    const doubled = { missing: [], extra: [id] };
    const change = `INSERT INTO faults.effect (event_id, key, seq, topic, partition, record_offset)
      SELECT event_id, key, seq, topic, partition, record_offset FROM faults.effect WHERE event_id = $1`;
    expect(await ledger.findAfter(change, [id])).toEqual({ 'one-effect': doubled, 'consumed-once': doubled });
  });

  it('finds two effects of a key that were made in the wrong order', async () => {
    const one = evidence.effects[100]!;
    const other = evidence.effects.find(({ key, number }) => key === one.key && number > one.number)!;
    const change = `UPDATE faults.effect SET event_id = swapped.event_id, seq = swapped.seq, record_offset = swapped.record_offset
      FROM faults.effect AS swapped WHERE effect.id + swapped.id = $1::bigint + $2::bigint AND effect.id IN ($1, $2)`;
    expect(await ledger.findAfter(change, [one.number, other.number])).toEqual({
      'order-per-key': { missing: [], extra: [one.id] },
    });
  });

  it('finds a call that is lost', async () => {
    const { id } = evidence.calls[100]!;
    const passed = { missing: [`group/outside: ${id}`], extra: [] };
    expect(await ledger.findAfter('DELETE FROM outside.call WHERE event_id = $1', [id])).toEqual({
      'consumed-once': passed,
      'positions-pass-nothing': passed,
      'called-for': { missing: [id], extra: [] },
    });
  });

  it('finds two calls of a key that were made in the wrong order', async () => {
    const one = evidence.calls[100]!;
    const other = evidence.calls.find(({ key, number }) => key === one.key && number > one.number)!;
    const change = `UPDATE outside.call SET event_id = swapped.event_id, seq = swapped.seq, record_offset = swapped.record_offset,
        idempotency_key = swapped.idempotency_key, fencing_token = swapped.fencing_token
      FROM outside.call AS swapped WHERE call.number + swapped.number = $1::bigint + $2::bigint AND call.number IN ($1, $2)`;
    // Somebody who refuses lower tokens would never take it.
    const late = { missing: [one.id], extra: [one.id] };
    expect(await ledger.findAfter(change, [one.number, other.number])).toEqual({ 'calls-in-order': late });
  });

  it('finds a call under another idempotency key', async () => {
    const { id } = evidence.calls[100]!;
    const change = `INSERT INTO outside.call (event_id, key, seq, idempotency_key, fencing_token, attempt, topic, partition, record_offset)
      SELECT event_id, key, seq, 'another', fencing_token, 2, topic, partition, record_offset FROM outside.call WHERE event_id = $1`;
    const several = { missing: [], extra: [`${id} under several idempotency keys`] };
    expect(await ledger.findAfter(change, [id])).toEqual({ 'called-for': several });
  });

  it('finds records that are still parked, or dead', async () => {
    const { id, key, topic, partition, offset } = evidence.effects[100]!;
    const change = `INSERT INTO millrace.parked_record
             (reader, topic, partition, record_offset, fence, state, key, headers, timestamp_ms, error_message)
      SELECT reader, $1, $2, $3, 'k', state, $4, json_build_array(json_build_array('ce_id', encode($5::bytea, 'base64'))), 1, 'not now'
        FROM (VALUES ('group/ledger', 'queued'), ('group/outside', 'dead')) AS aside (reader, state)`;
    const values = [topic, partition, offset, Buffer.from(key), Buffer.from(id)];
    expect(await ledger.findAfter(change, values)).toEqual({
      'consumed-once': { missing: [], extra: [id] },
      'nothing-parked': {
        missing: [],
        extra: [`group/ledger: ${id} (parked: not now)`, `group/outside: ${id} (dead: not now)`],
      },
    });
  });

  it('finds a row of a read model that is wrong, in what is read and in its build', async () => {
    const { key, values } = evidence.readModels.find(({ model }) => model === 'ledgerLast')!.rows[0]!;
    const row = (build: string, events: number) => `${build}: ${key} events=${events} seq=${values['seq']}`;
    const builds = ['ledgerLast as read', 'ledgerLast@1 live'];
    const events = Number(values['events']);
    const change = 'UPDATE read_model.ledger_last_v1 SET events = events + 1 WHERE flight_id = $1';
    expect(await ledger.findAfter(change, [key])).toEqual({
      'equal-folds': {
        missing: builds.map((build) => row(build, events)),
        extra: builds.map((build) => row(build, events + 1)),
      },
    });
  });

  it('finds a position that was moved back, and one that is beyond the log', async () => {
    const last = evidence.effects.at(-1)!;
    const move = `UPDATE millrace.position SET next_offset = $1 WHERE reader = 'group/ledger' AND partition = $2`;
    const found = { missing: [], extra: [last.id] };
    expect(await ledger.findAfter(move, [last.offset, last.partition])).toEqual({
      'consumed-once': found,
      'positions-pass-nothing': found,
    });
    expect(await ledger.findAfter(move, [90_000n, last.partition])).toEqual({
      'positions-pass-nothing': { missing: [], extra: [`group/ledger at flights/${last.partition}/90000`] },
    });
  });

  it('finds an attempt whose record is not there, and nothing else', () => {
    const acknowledged = { outcome: 'acknowledged', position: 'flights/0/90000' } as const;
    const lost = { ...evidence.attempts[0]!, n: 90_000, id: 'r1-lost', outcome: acknowledged };
    expect(broken({ ...evidence, attempts: [...evidence.attempts, lost] })).toEqual({
      'acknowledged-in-log': { missing: ['r1-lost'], extra: [] },
    });
  });

  it('finds a record that nobody sent', async () => {
    const response = await fetch(`${ledger.producerUrl}/v1/events/${FlightLanded.type}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'ce-id': 'foreign' },
      body: JSON.stringify({ flightId: '1-k0', origin: 'ATL', destination: 'BOS', delayMinutes: 7 }),
    });
    expect(response.status).toBe(201);
    const after = await ledger.gather();
    expect(broken(after)).toEqual({ 'only-sent-in-log': { missing: [], extra: ['foreign'] } });
    expect(describeFindings(checkLedger(after)).join('\n')).toContain('record   foreign seq 7 of no attempt');
  });
});
