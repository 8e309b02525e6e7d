import { execFile } from 'node:child_process';
import { appCommand } from '@millrace/stack';
import { createTestDatabase, serversUnderTest, silentLogger, variablesUnderTest } from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { migrate, platformMigrations, verifyStackIdentity } from '@millrace/postgres';

interface Ended {
  readonly code: number | string | null | undefined;
  /** The log lines, the last one first. */
  readonly log: Record<string, unknown>[];
}

/** Runs the consumer as a process of its own until it ends by itself. */
function runConsumer(env: Record<string, string>): Promise<Ended> {
  const [command, ...args] = appCommand('consumer');
  const addresses = variablesUnderTest(serversUnderTest().databaseUrl);
  return new Promise((resolve) => {
    execFile(
      command,
      args,
      { env: { ...process.env, ...addresses, ...env }, timeout: 30_000 },
      (error, stdout) => {
        const lines = stdout
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Record<string, unknown>);
        resolve({ code: error === null ? 0 : error.code, log: lines.toReversed() });
      },
    );
  });
}

const FAULTY = 'apps/consumer/src/test/faulty-groups';

describe('the consumer does not start, says why in one fatal line, and exits with 1,', () => {
  it.each([
    [
      'when a declared event has no handler',
      `${FAULTY}/no-handler`,
      /no method carries @EventPattern for flights\.FlightLanded/,
    ],
    [
      'when a type of its topics is undecided',
      `${FAULTY}/undecided`,
      /flights\.FlightDeparted is published to flights, and the group neither handles nor ignores it/,
    ],
    ['when a folder is not there', 'examples/nowhere', /examples\/nowhere cannot be loaded/],
    ['when a folder lies outside the workspace', '../elsewhere', /not a path below the workspace root/],
  ])('%s', async (_when, folder, reason) => {
    const { code, log } = await runConsumer({ CONSUMER_GROUPS: folder });
    expect(code).toBe(1);
    expect(log[0]).toMatchObject({
      level: 'fatal',
      err: { message: expect.stringMatching(reason) as string },
    });
  });

  describe('with a database', () => {
    let database: TestDatabase;

    beforeAll(async () => {
      database = await createTestDatabase();
    });

    afterAll(() => database.drop());

    it('when it belongs to another Kafka cluster and another registry', async () => {
      await migrate(database.pool, [platformMigrations], silentLogger);
      await verifyStackIdentity(database.pool, { kafkaClusterId: 'elsewhere', registryId: 'another' });
      const { code, log } = await runConsumer({
        CONSUMER_GROUPS: 'examples/flights/groups/delay-alerts',
        DATABASE_URL: database.url,
      });
      expect(code).toBe(1);
      expect(log[0]).toMatchObject({ level: 'fatal', err: { code: 'STACK_MISMATCH' } });
    });
  });
});
