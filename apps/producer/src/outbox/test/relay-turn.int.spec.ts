import { ExclusiveSession } from '@millrace/postgres';
import { WriterClosedError } from '@millrace/kafka';
import { silentLogger, uniqueName, waitFor } from '@millrace/testing';
import type { IncomingEvent } from '../../envelope';
import { parcels } from '../../test/parcels';
import type { PreparedEvent } from '../../write-path';
import { answeringWithin } from '../answering';
import { OutboxStore } from '../outbox-store';
import { RelayTurn } from '../relay-turn';
import { WakeUp } from '../wake-up';
import { OutboxUnderTest } from './outbox-under-test';

const { weighed } = parcels(uniqueName('turn'));
const event = { type: weighed as never, value: (parcelId: string) => ({ parcelId, grams: 250, note: '' }) };
const rules = { defaultSource: '/specs', maxExtensions: 0, maxExtensionBytes: 0, maxEventBytes: 1_000 };

/** A log whose acknowledgements the test decides; the ids in the order in which they came. */
class WithheldLog {
  readonly appended: string[] = [];
  private withheld: (() => void)[] | undefined;
  failure: Error | undefined;

  prepare = ({ attributes }: IncomingEvent): PreparedEvent => ({
    topic: 'turn',
    key: attributes.id,
    value: Buffer.alloc(0),
    headers: {},
    attributes,
  });

  append = async ({ key }: PreparedEvent) => {
    this.appended.push(String(key));
    if (this.failure !== undefined) throw this.failure;
    if (this.withheld !== undefined) await new Promise<void>((resolve) => this.withheld?.push(resolve));
    return { topic: 'turn', partition: 0, offset: 0n };
  };

  room = () => undefined;

  withhold(): void {
    this.withheld = [];
  }

  release(): void {
    for (const acknowledge of this.withheld ?? []) acknowledge();
    this.withheld = undefined;
  }
}

describe('a turn of the relay', () => {
  let outbox: OutboxUnderTest;
  let log: WithheldLog;
  let ending: AbortController;

  beforeEach(async () => {
    outbox = await OutboxUnderTest.create(event);
    log = new WithheldLog();
    ending = new AbortController();
  });
  afterEach(() => outbox.database.drop());

  const begin = async () => {
    const session = await ExclusiveSession.tryOpen(outbox.database.pool, uniqueName('turn'));
    const store = await OutboxStore.open(answeringWithin(5_000, session!.client));
    const options = { writePath: log, wakeUp: new WakeUp(), rules, pollIntervalMs: 50, partitionRows: 1_000 };
    const turn = new RelayTurn({ ...options, store, signal: ending.signal, log: silentLogger });
    const running = turn.run().finally(() => session!.close());
    running.catch(() => undefined);
    return { running, end: () => (ending.abort(), running), blockedForMs: () => turn.blockedForMs };
  };
  const positionToBe = (position: bigint) =>
    waitFor(`the position ${position}`, async () => (await outbox.position()) === position);

  it('moves the position when the log has acknowledged, and not before', async () => {
    log.withhold();
    await outbox.commit('k', ['1', '2', '3']);
    const turn = await begin();
    await waitFor('three to be under way', () => log.appended.length === 3);
    await outbox.commit('k', ['4']);
    await waitFor('the fourth to be under way', () => log.appended.length === 4);
    expect(await outbox.position()).toBe(0n);
    log.release();
    await positionToBe(4n);
    await turn.end();
    expect(log.appended).toEqual(['1', '2', '3', '4']);
  });

  it('gives what is under way its answer when it ends, and marks it', async () => {
    log.withhold();
    await outbox.commit('k', ['1']);
    const turn = await begin();
    await waitFor('it to be under way', () => log.appended.length === 1);
    const ended = turn.end();
    log.release();
    await ended;
    expect(await outbox.position()).toBe(1n);
  });

  it('marks nothing when the log has failed, and the next turn begins there again', async () => {
    await outbox.commit('k', ['1', '2']);
    log.failure = new WriterClosedError('turn');
    await expect((await begin()).running).rejects.toThrow(WriterClosedError);
    expect(await outbox.position()).toBe(0n);
    log.failure = undefined;
    const turn = await begin();
    await positionToBe(2n);
    await turn.end();
    expect(log.appended).toEqual(['1', '2', '1', '2']);
  });

  it('gives up when another turn has begun, and marks nothing any more', async () => {
    const first = await begin();
    await outbox.commit('k', ['1']);
    await positionToBe(1n);
    log.withhold();
    await outbox.commit('k', ['2']);
    await waitFor('it to be under way', () => log.appended.length === 2);
    await outbox.database.query('UPDATE millrace_outbox.relay SET epoch = epoch + 1');
    log.release();
    await expect(first.running).rejects.toMatchObject({ code: 'OUTBOX_RELAY_FENCED' });
    expect(await outbox.position()).toBe(1n);
  });

  it('keeps the order of a key when an older transaction is the later one to commit', async () => {
    const turn = await begin();
    // Between the two lies a transaction that stays open: "everything below the oldest running one" would be the older alone.
    const older = await outbox.begin();
    await older.query('SELECT pg_current_xact_id()');
    const open = await outbox.begin();
    await open.query('SELECT pg_current_xact_id()');
    const younger = await outbox.begin();
    await outbox.append(younger, 'k', 'first');
    await outbox.end(younger);
    await outbox.append(older, 'k', 'second');
    await outbox.end(older);
    await positionToBe(2n);
    expect(log.appended).toEqual(['first', 'second']);
    await outbox.end(open);
    await turn.end();
  });

  it('waits for a number that is missing for as long as its transaction may come, and no longer', async () => {
    const turn = await begin();
    const late = await outbox.begin();
    await outbox.append(late, 'a', 'late');
    const given = await outbox.begin();
    await outbox.append(given, 'b', 'never');
    await outbox.end(given, 'ROLLBACK');
    await outbox.commit('c', ['swift']);
    await waitFor('the turn to stand', () => turn.blockedForMs() !== undefined);
    expect(log.appended).toEqual([]);
    await outbox.end(late);
    await positionToBe(3n);
    expect(log.appended).toEqual(['late', 'swift']);
    expect(turn.blockedForMs()).toBeUndefined();
    await turn.end();
  });

  it('publishes many pages in order while others append', async () => {
    const fill = `SELECT count(millrace_outbox.append('turn', 'k' || n % 7, $1, n::text, '/specs', '{}')) FROM generate_series($2::int, $3::int) n`;
    await outbox.database.query(fill, [weighed.type, 1, 6_000]);
    const turn = await begin();
    await outbox.database.query(fill, [weighed.type, 6_001, 9_000]);
    await positionToBe(9_000n);
    await turn.end();
    expect(log.appended).toEqual(Array.from({ length: 9_000 }, (_, index) => String(index + 1)));
  });
});
