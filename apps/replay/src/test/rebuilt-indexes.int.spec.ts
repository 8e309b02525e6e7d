import { prepareProjection, transact } from '@millrace/postgres';
import type { DatabaseTransaction } from '@millrace/postgres';
import { waitFor } from '@millrace/testing';
import { TrialReplay } from './trial-replay';

describe('the indexes of a rebuilt table', () => {
  let trial: TrialReplay;

  beforeAll(async () => {
    trial = await TrialReplay.create();
  });
  afterAll(() => trial.remove());

  it('are there before it is proven, and so before readers see it', async () => {
    const { pool } = trial.database;
    await prepareProjection(pool, { ...trial.projection, indexes: [['amount']] });
    const table = `read_model.${trial.projection.name}_v1_b2`;
    const indexes = () =>
      trial.database.query(
        'SELECT indisvalid AS valid FROM pg_index WHERE indrelid = $1::regclass AND NOT indisprimary',
        [table],
      );
    const reader = await pool.connect();
    const duringLongRead = async (tx: DatabaseTransaction) => {
      // Making an index waits for everybody whose snapshot is older.
      await tx.query('SELECT FROM millrace.projection');
      const { body, location } = await trial.rebuild();
      expect(body).toMatchObject({ state: 'building', build: 2 });
      await waitFor('the index to be begun', async () => (await indexes()).length === 1);
      const present = async () => (await trial.get(location!)).body;
      await waitFor('the run to say so', async () => (await present())['reason'] !== undefined);
      expect(await present()).toMatchObject({ state: 'building', reason: 'its indexes are being made' });
      expect(await indexes()).toEqual([{ valid: false }]);
      return location!;
    };
    const run = await transact(reader, duringLongRead, 'BEGIN ISOLATION LEVEL REPEATABLE READ');
    reader.release();
    await waitFor('the swap', async () => (await trial.get(run)).body['state'] === 'done');
    expect(await indexes()).toEqual([{ valid: true }]);
  });
});
