import { readFileSync } from 'node:fs';
import { openDatabase } from '@millrace/postgres';
import { readMetrics, silentLogger, waitFor } from '@millrace/testing';
import type { TestService } from '@millrace/testing';
import { FlightsUnderTest } from './flights-under-test';

interface Listed {
  readonly projections: readonly {
    readonly name: string;
    readonly state: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly state: string;
      readonly lag: string;
    }[];
  }[];
}

// Each test goes on where the one before it has left the stack.
describe('a projection service that folds in threads', () => {
  let flights: FlightsUnderTest;
  let projection: TestService;

  beforeAll(async () => {
    flights = await FlightsUnderTest.start();
    projection = await flights.startService('projection', 'projection', { FOLD_THREADS: '3' });
  });

  afterAll(() => flights.stack.stop());

  const list = async () => (await (await fetch(`${projection.url}/v1/projections`)).json()) as Listed;
  const epochs = async () => {
    const { databaseUrl: url } = flights.stack.addresses;
    const database = openDatabase({ url, applicationName: 'specs', log: silentLogger });
    const { rows } = await database.query<{ epochs: number }>(
      'SELECT sum(epoch)::int AS epochs FROM millrace.position',
    );
    await database.end();
    return rows[0]?.epochs;
  };

  it('shares the partitions of each projection among them, and shows them all as its own', async () => {
    await waitFor('every partition to be read', async () => {
      const { projections } = await list();
      return projections.every(
        ({ state, partitions }) => state === 'joined' && partitions.every((each) => each.state === 'running'),
      );
    });
    const names = (await list()).projections.map(({ name, partitions }) => [name, partitions.length]);
    expect(names).toEqual([
      ['flight', 6],
      ['airport', 6],
    ]);
    const threads = readFileSync(`/proc/${projection.process.pid}/status`, 'utf8');
    expect(Number(/Threads:\s+(\d+)/.exec(threads)?.[1])).toBeGreaterThan(3);
    await flights.feed(2_000);
    await flights.expectReadModelsProven(projection);
    await waitFor('what all threads have folded to be counted together', async () => {
      const series = readMetrics(await (await fetch(`${projection.url}/metrics`)).text());
      const folded = series.filter(({ name }) => name === 'messaging_client_consumed_messages_total');
      return folded.length === 12 && folded.reduce((sum, { value }) => sum + value, 0) === 8_000;
    });
    expect((await list()).projections.flatMap(({ partitions }) => partitions.map(({ lag }) => lag))).toEqual(
      Array.from({ length: 12 }, () => '0'),
    );
  });

  it('gives what it held to a process without threads when it stops, and leaves nothing behind', async () => {
    const before = await epochs();
    await projection.process.stop();
    projection = await flights.startService('projection', 'projection-alone', { FOLD_THREADS: '0' });
    await flights.feed(500);
    await flights.expectReadModelsProven(projection);
    expect(await epochs()).toBeGreaterThan(before ?? 0);
  });

  it('ends as a whole when one of them dies at any step, and another process takes over', async () => {
    await projection.process.stop();
    projection = await flights.startService('projection', 'projection-dying', {
      ...{ FOLD_THREADS: '2', MILLRACE_CRASH_POINT: 'effects-written:3' },
    });
    await flights.feed(500);
    await waitFor('its end', () => projection.process.pid === undefined);
    projection = await flights.startService('projection', 'projection-after', { FOLD_THREADS: '2' });
    await flights.expectReadModelsProven(projection);
  });
});
