import { FoldDecisionStore, ParkingStore, PositionStore, transact } from '@millrace/postgres';
import { readerOf } from '@millrace/projecting';
import { LooseRecord } from '@millrace/event';
import { TrialReplay } from './trial-replay';

const reason = { kind: 'permanent', name: 'FoldError', message: 'no fold', attempts: 1 } as const;

describe('parked events over HTTP', () => {
  let trial: TrialReplay;
  let path: string;
  let place: (offset: number) => string;

  beforeAll(async () => {
    trial = await TrialReplay.create();
    path = `/v1/projections/${trial.projection.name}/parked`;
    place = (offset) => `${trial.topic.name}/0/${offset}`;
    await trial.foldLive();
  });

  afterAll(() => trial.remove());

  /** As the owner of partition 0 parks an event of a key. */
  async function park(offset: number, key: string): Promise<void> {
    const build = { projection: trial.projection.name, version: 1, build: 1 };
    const at = { topic: trial.topic.name, partition: 0 };
    const record = new LooseRecord({ ...at, offset: BigInt(offset), key: Buffer.from(key), timestampMs: 0 });
    const client = await trial.database.pool.connect();
    const lot = new ParkingStore(trial.database.pool, readerOf(build));
    await transact(client, (tx) => lot.bury(tx, record, reason, true));
    client.release();
  }

  it('are listed page by page, with their reason and without a payload', async () => {
    await park(0, 'a');
    await park(1, 'b');
    const { status, body } = await trial.get(`${path}?limit=1`);
    expect(status).toBe(200);
    expect(body).toEqual({
      parked: [
        {
          ...{ build: 1, version: 1, state: 'live', key: 'a', position: place(0), reason: 'no fold' },
          ...{ events: 1, retrying: false, since: expect.stringMatching(/Z$/) as string },
        },
      ],
      next: `1/${place(0)}`,
    });
    const rest = await trial.get(`${path}?after=${encodeURIComponent(String(body['next']))}`);
    expect(rest.body).toMatchObject({ parked: [{ key: 'b' }] });
    expect(rest.body).not.toHaveProperty('next');
  });

  it('are tried again by key, by position, or all, and not by leaving that out', async () => {
    expect((await trial.post(`${path}/retry`, { key: 'a' })).body).toEqual({ keys: 1, partitions: 0 });
    expect((await trial.get(path)).body).toMatchObject({
      parked: [{ key: 'a', retrying: true }, { key: 'b' }],
    });
    for (const body of [
      {},
      { key: 'a', all: true },
      { all: false },
      { positions: ['x'] },
      { positions: [] },
    ]) {
      const refused = await trial.post(`${path}/retry`, body);
      expect(refused).toMatchObject({
        status: 400,
        body: { type: expect.stringContaining('invalid-request') as string },
      });
    }
    const nothing = await trial.post(`${path}/retry`, { key: 'never' });
    expect(nothing.status).toBe(409);
    expect(nothing.body['detail']).toContain('this key is not parked');
  });

  it('are skipped one by one, with a reason, and only when a build stands before them', async () => {
    for (const body of [
      { position: place(1) },
      { position: place(1), reason: ' ' },
      { position: 'x', reason: 'why' },
    ]) {
      expect((await trial.post(`${path}/skip`, body)).status).toBe(400);
    }
    expect((await trial.post(`${path}/skip`, { position: place(9), reason: 'why' })).status).toBe(409);
    const skipped = await trial.post(`${path}/skip`, { position: place(1), reason: 'was never booked' });
    expect(skipped).toMatchObject({ status: 200, body: { skipped: place(1), versions: [1] } });
    const build = { projection: trial.projection.name, version: 1, build: 2 };
    const at = { topic: trial.topic.name, partition: 0 };
    expect(await new FoldDecisionStore(trial.database.pool, build).skipped(at)).toEqual(new Set([1n]));
    const store = new PositionStore(trial.database.pool, readerOf({ ...build, build: 1 }));
    expect(await store.read(at)).toMatchObject({ nextOffset: 1n });
  });

  it('of a projection that nobody has hosted, and pages that cannot be, are refused', async () => {
    expect((await trial.get('/v1/projections/nobodys/parked')).status).toBe(404);
    expect((await trial.post('/v1/projections/nobodys/parked/retry', { all: true })).status).toBe(404);
    for (const query of ['limit=0', 'limit=x', 'after=x', 'after=1/x', 'other=1']) {
      expect((await trial.get(`${path}?${query}`)).status).toBe(400);
    }
  });
});
