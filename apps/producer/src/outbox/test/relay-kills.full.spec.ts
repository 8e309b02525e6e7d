import { catalogue, FlightLanded } from '@millrace/contracts';
import { applyCatalogue, diffIds, startTestStack, uniqueName, waitFor } from '@millrace/testing';
import type { TestService, TestStack } from '@millrace/testing';
import { idsByKey, OutboxUnderTest } from './outbox-under-test';

const event = {
  type: FlightLanded as never,
  value: (flightId: string) => ({ flightId, origin: 'ATL', destination: 'BOS', delayMinutes: 1 }),
};
const KEYS = 4;

describe('a relay of an outbox', () => {
  let stack: TestStack;
  let outbox: OutboxUnderTest;
  let relays = 0;

  beforeAll(async () => {
    stack = await startTestStack();
    const { kafkaBrokers: brokers, schemaRegistryUrl: registryUrl } = stack.addresses;
    await applyCatalogue(catalogue, { brokers, registryUrl });
  });
  afterAll(() => stack.stop());
  beforeEach(async () => {
    outbox = await OutboxUnderTest.create(event, stack.addresses.databaseUrl);
  });
  afterEach(() => outbox.database.drop());

  const start = (env: Record<string, string> = {}): Promise<TestService> => {
    relays += 1;
    return stack.startService(
      'producer',
      { OUTBOX_DATABASE_URL: outbox.database.url, ...env },
      `relay-${relays}`,
    );
  };
  const state = async ({ url }: TestService): Promise<string> =>
    ((await (await fetch(`${url}/v1/outbox`)).json()) as { state: string }).state;

  /** Services that append to a few keys at once, with transactions that roll back, or end late; until they are told to stop. */
  class Traffic {
    readonly committed = new Map<string, string[]>();
    private readonly name = uniqueName('traffic');
    private stopped = false;
    private readonly working = Promise.all(
      Array.from({ length: KEYS * 2 }, (_, service) => this.work(service)),
    );

    async stop(): Promise<Map<string, string[]>> {
      this.stopped = true;
      await this.working;
      return this.committed;
    }

    get count(): number {
      return [...this.committed.values()].reduce((sum, ids) => sum + ids.length, 0);
    }

    private async work(service: number): Promise<void> {
      const key = `${this.name}-key-${service % KEYS}`;
      for (let turn = 0; !this.stopped; turn++) {
        const id = `${this.name}-${service}-${turn}`;
        const tx = await outbox.begin();
        await outbox.append(tx, key, id);
        if (turn % 10 === service) await tx.query('SELECT pg_sleep(0.2)');
        const isKept = turn % 7 !== 0;
        if (isKept) this.committed.set(key, [...(this.committed.get(key) ?? []), id]);
        await outbox.end(tx, isKept ? 'COMMIT' : 'ROLLBACK');
      }
    }
  }

  /** Everything that was committed is in the log, in the order of the commits by first occurrences, and nothing else is. */
  async function expectAll(committed: ReadonlyMap<string, string[]>): Promise<void> {
    const inLog = async () => idsByKey('flights', stack.addresses.kafkaBrokers);
    await waitFor('all of it to be in the log', async () => {
      const log = await inLog();
      return [...committed].every(([key, ids]) => new Set(log.get(key)).size >= ids.length);
    });
    const log = await inLog();
    for (const [key, ids] of committed) {
      const first = [...new Set(log.get(key))];
      expect(diffIds(ids, first)).toEqual({ missing: [], extra: [] });
      expect(first).toEqual(ids);
    }
  }

  it.each(['outbox-published:3', 'outbox-marked:3', 'record-acknowledged:5'])(
    'that dies at %s has lost nothing, and nothing is out of order',
    async (point) => {
      const dying = await start({ MILLRACE_CRASH_POINT: point });
      const traffic = new Traffic();
      await waitFor('it to die', () => dying.process.pid === undefined);
      await start();
      const before = traffic.count;
      await waitFor('traffic to go on', () => traffic.count > before + 50);
      await expectAll(await traffic.stop());
    },
  );

  it('loses nothing when the broker is killed', async () => {
    await start();
    const traffic = new Traffic();
    await waitFor('traffic', () => traffic.count > 50);
    await stack.servers.kafka?.kill('SIGKILL');
    const before = traffic.count;
    await waitFor('services to go on meanwhile', () => traffic.count > before + 100);
    await stack.servers.kafka?.start();
    await expectAll(await traffic.stop());
  });

  it('loses its turn when it is suspended, and does no harm when it wakes up', async () => {
    const [first, second] = [await start(), await start()];
    const suspended = await waitFor('one to have its turn', async () => {
      if ((await state(first)) === 'relaying') return first;
      return (await state(second)) === 'relaying' && second;
    });
    const other = suspended === first ? second : first;
    const traffic = new Traffic();
    await waitFor('traffic', () => traffic.count > 50);
    await suspended.process.kill('SIGSTOP');
    await waitFor('the other one to take over', async () => (await state(other)) === 'relaying');
    await suspended.process.kill('SIGCONT');
    await waitFor('the first one to stand by', async () => (await state(suspended)) === 'standby');
    await expectAll(await traffic.stop());
  });
});
