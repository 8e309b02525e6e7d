import { openDatabase } from '@millrace/postgres';
import { addressVariables } from '@millrace/stack';
import { silentLogger, startTestStack, waitFor } from '@millrace/testing';
import type { TestService, TestStack } from '@millrace/testing';
import type { Run } from '../replay/answers';
import { applyWithCli, runCli, startCli } from './run-cli';
import type { CliResult, RunningCli } from './run-cli';

const FOLDER = 'apps/cli/src/test/projections';

/** `millrace replay` and `millrace projections` with the services that they need, on a stack of the test's own. */
export class ReplaysUnderTest {
  private constructor(
    readonly stack: TestStack,
    readonly producer: TestService,
    public projection: TestService,
    readonly replay: TestService,
  ) {}

  /** Starts everything, with version 1 of the projection `delay` live. */
  static async start(): Promise<ReplaysUnderTest> {
    const stack = await startTestStack();
    const servers = addressVariables(stack.addresses);
    await applyWithCli(servers);
    const [producer, projection, replay] = await Promise.all([
      stack.startService('producer', {}),
      startProjection(stack, 'projection', ['delay']),
      stack.startService('replay', {}),
    ]);
    return new ReplaysUnderTest(stack, producer, projection, replay);
  }

  /** Hosts these versions instead of those before. */
  async host(...folders: readonly string[]): Promise<void> {
    await this.projection.process.stop();
    this.projection = await startProjection(this.stack, folders.join('-'), folders);
  }

  /** Lands flights that are so many minutes late, and waits until the read model has them. */
  async land(flights: Readonly<Record<string, number>>): Promise<void> {
    const positions: string[] = [];
    for (const [flightId, delayMinutes] of Object.entries(flights)) {
      const response = await fetch(`${this.producer.url}/v1/events/flights.FlightLanded`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ flightId, origin: 'SEA', destination: 'SFO', delayMinutes }),
      });
      const { position } = (await response.json()) as { position: string };
      positions.push(position);
    }
    await waitFor('the read model to have the flights', async () => {
      const query = `at-least=${positions.join(',')}`;
      const response = await fetch(
        `${this.projection.url}/v1/projections/delay/${Object.keys(flights)[0]}?${query}`,
      );
      return response.ok;
    });
  }

  /** Looks at the database, or changes it, behind the platform's back. */
  async query(sql: string, parameters: readonly unknown[] = []): Promise<object[]> {
    const { databaseUrl: url } = this.stack.addresses;
    const database = openDatabase({ url, applicationName: 'specs', log: silentLogger });
    const { rows } = await database.query<object>(sql, [...parameters]);
    await database.end();
    return rows;
  }

  run(...args: readonly string[]): Promise<CliResult> {
    return runCli(args, { REPLAY_URL: this.replay.url });
  }

  begin(...args: readonly string[]): RunningCli {
    return startCli(args, { REPLAY_URL: this.replay.url });
  }

  /** Starts a rebuild that nobody watches, and gives its number. */
  async rebuild(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run('replay', 'rebuild', 'delay', '--json', ...args);
    if (code !== 0) throw new Error(`the rebuild was not begun: ${stderr}`);
    return String((JSON.parse(stdout) as Run).id);
  }

  /** Lets the projection service fold again, cancels what is under way and releases what is kept. */
  async settle(): Promise<void> {
    await this.projection.process.kill('SIGCONT');
    const { stdout } = await this.run('replay', 'list', '--json');
    const { replays } = JSON.parse(stdout) as { replays: Run[] };
    for (const { id, state } of replays) {
      if (state !== 'done' && state !== 'cancelled') await this.run('replay', 'cancel', String(id));
    }
    await this.run('projections', 'release', 'delay');
  }

  async stop(): Promise<void> {
    await this.projection.process.kill('SIGCONT');
    await this.stack.stop();
  }
}

function startProjection(stack: TestStack, name: string, folders: readonly string[]): Promise<TestService> {
  const PROJECTIONS = folders.map((folder) => `${FOLDER}/${folder}`).join(',');
  return stack.startService('projection', { PROJECTIONS, KAFKA_SESSION_TIMEOUT_MS: '6000' }, name);
}
