import { waitFor } from '@millrace/testing';
import type { Operator, Run } from './operator';
import { RebuildsUnderTest } from './rebuilds-under-test';
import type { Traffic } from './traffic';

const ROUNDS = 3;
const MODELS = ['flight', 'airport'] as const;

// Each test goes on where the one before it has left the stack.
describe('clients that publish and read all the time', () => {
  let rebuilds: RebuildsUnderTest;
  let operator: Operator;

  beforeAll(async () => {
    rebuilds = await RebuildsUnderTest.start(2_000);
    ({ operator } = rebuilds);
  });

  afterAll(() => rebuilds.stop());

  async function rebuildBoth(): Promise<Run[]> {
    const begun = await Promise.all(MODELS.map((model) => operator.begin(model)));
    const done = await Promise.all(begun.map(({ id }) => operator.expectSwapped(id)));
    await Promise.all(MODELS.map((model) => operator.settle(model, 'release')));
    return done;
  }

  it('notice nothing of rebuilds that are swapped and released one after the other', async () => {
    const pauses: (number | undefined)[] = [];
    const traffic = await rebuilds.expectUnnoticed(async () => {
      for (let round = 0; round < ROUNDS; round++) {
        pauses.push(...(await rebuildBoth()).map(({ swap }) => swap?.pauseMs));
      }
    });
    await rebuilds.expectProven();
    report(`swaps held folding for ${pauses.join(', ')} ms`, traffic);
  });

  it('go on while a long transaction makes a swap wait, which follows when it ends', async () => {
    const reader = await rebuilds.database.connect();
    const traffic = await rebuilds.expectUnnoticed(async (clients) => {
      try {
        await reader.query('SET idle_in_transaction_session_timeout = 0');
        await reader.query('BEGIN; SELECT count(*) FROM read_model.flight');
        const { id } = await operator.begin('flight');
        for (const attempts of [1, 2, 3]) {
          const before = clients.measured;
          await waitFor(`attempt ${attempts} at the swap`, async () => (await attemptsOf(id)) >= attempts);
          await waitFor('every client to be answered', () =>
            [...clients.measured].every(([name, { times }]) => times > (before.get(name)?.times ?? 0)),
          );
        }
        const waiting = await operator.run(id);
        expect(waiting).toMatchObject({ state: 'swapping', replaces: { build: ROUNDS + 1 } });
        expect(waiting.reason).toContain('a long transaction reads or writes the read model');
        expect(await operator.projection('flight')).toMatchObject({ liveBuild: ROUNDS + 1 });
        await reader.query('COMMIT');
        await operator.expectSwapped(id);
      } finally {
        reader.release(true);
      }
    });
    await rebuilds.expectProven();
    report('while a swap waited', traffic);
  });

  async function attemptsOf(id: number): Promise<number> {
    const { rows } = await rebuilds.database.query<{ attempts: number | null }>(
      "SELECT (swap->>'attempts')::int AS attempts FROM millrace.replay_run WHERE id = $1",
      [id],
    );
    return rows[0]?.attempts ?? 0;
  }

  /** For a person to read; what is slow depends on the machine. */
  function report(what: string, { measured }: Traffic): void {
    const clients = [...measured].map(
      ([name, { times, slowestMs }]) => `${name}: ${times} times, slowest ${slowestMs} ms`,
    );
    process.stdout.write(`${what}; ${clients.join('; ')}\n`);
  }
});
