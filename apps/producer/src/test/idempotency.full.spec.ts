import { join } from 'node:path';
import { catalogue, FlightLanded } from '@millrace/contracts';
import { openDatabase } from '@millrace/postgres';
import type { Database } from '@millrace/postgres';
import { addressVariables, answersHttp, compiledTree, freePort, ServerProcess } from '@millrace/stack';
import { applyCatalogue, readLog, silentLogger, startTestStack, waitFor } from '@millrace/testing';
import type { ProxiedTestStack } from '@millrace/testing';
import { withWindow } from './with-window';

/** A crash before the send is settled when the log cannot take the record any more, which takes 20 s. */
const CERTAIN_WITHIN_MS = 60_000;

const OPEN = 'SELECT FROM millrace.reservation WHERE partition IS NULL';

interface Answer {
  readonly status: number;
  readonly body: { readonly position?: string; readonly type?: string; readonly outcome?: string };
}

describe('producers of a topic with an idempotency window', () => {
  let stack: ProxiedTestStack;
  let steady: string;
  let database: Database;
  const processes: ServerProcess[] = [];

  beforeAll(async () => {
    // What PostgreSQL has committed has to be there after it was killed.
    stack = await startTestStack({ proxies: true, durable: true });
    const { kafkaBrokers: brokers, schemaRegistryUrl: registryUrl } = stack.addresses;
    await applyCatalogue(withWindow(catalogue), { brokers, registryUrl });
    steady = (await start({})).url;
    const url = stack.directAddresses.databaseUrl;
    database = openDatabase({ url, applicationName: 'specs', log: silentLogger });
  });
  afterAll(async () => {
    await database.end();
    await Promise.all(processes.map((each) => each.stop()));
    await stack.stop();
  });

  async function start(env: Record<string, string>): Promise<{ url: string; process: ServerProcess }> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const name = `once-${processes.length}`;
    const child = new ServerProcess({
      name,
      command: process.execPath,
      args: [join(compiledTree(), 'apps/producer/src/test/once-producer.fixture.js')],
      env: {
        ...process.env,
        ...addressVariables(stack.addresses),
        PUBLISH_TIMEOUT_MS: '3000',
        PORT: String(port),
        ...env,
      },
      logFile: join(stack.directory, 'logs', `${name}.log`),
      ports: [port],
      isReady: answersHttp(`${url}/health/ready`),
    });
    processes.push(child);
    await child.start();
    return { url, process: child };
  }

  async function publish(url: string, id: string): Promise<Answer> {
    const response = await fetch(`${url}/v1/events/${FlightLanded.type}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'ce-id': id },
      body: JSON.stringify({ flightId: `f-${id}`, origin: 'ATL', destination: 'BOS', delayMinutes: 0 }),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  }
  const publishUntilTaken = (id: string, url = steady): Promise<Answer> =>
    waitFor(
      `${id} to be taken`,
      async () => {
        const answer = await publish(url, id);
        if (answer.status !== 503) return answer;
        expect(answer.body).toMatchObject({
          type: 'urn:millrace:problem:event-unsettled',
          outcome: 'unknown',
        });
        return undefined;
      },
      CERTAIN_WITHIN_MS,
    );
  const inLog = async (id: string): Promise<string[]> =>
    (await readLog('flights', stack.directAddresses.kafkaBrokers))
      .filter(({ headers }) => headers['ce_id'] === id)
      .map(({ partition, offset }) => `flights/${partition}/${offset}`);
  const armed = (point: string) => start({ MILLRACE_CRASH_POINT: point });

  it.each(['record-acknowledged', 'reservation-open'])(
    'give the place of the record when the first one died at %s, and write it once',
    async (point) => {
      const dying = await armed(`${point}:1`);
      await expect(publish(dying.url, point)).rejects.toThrow('fetch failed');
      const written = await inLog(point);
      expect(written).toHaveLength(1);
      const answer = await publishUntilTaken(point);
      expect(answer).toMatchObject({ status: 201, body: { position: written[0] } });
      expect((await publish(steady, point)).body.position).toBe(written[0]);
      expect(await inLog(point)).toEqual(written);
    },
  );

  it('write an event once whose first one died between its reservation and the send', async () => {
    const dying = await armed('event-reserved:1');
    await expect(publish(dying.url, 'never-sent')).rejects.toThrow('fetch failed');
    expect(await inLog('never-sent')).toEqual([]);
    const { status, body } = await publishUntilTaken('never-sent');
    expect({ status, log: await inLog('never-sent') }).toEqual({ status: 201, log: [body.position] });
  });

  it('write an event once whose first one was suspended before the send, and woke up after another had sent it', async () => {
    const suspended = await armed('event-reserved:1:SIGSTOP');
    const late = publish(suspended.url, 'suspended');
    await waitFor('it to be reserved', async () => (await database.query(OPEN)).rowCount === 1);
    const { body } = await publishUntilTaken('suspended');
    await suspended.process.kill('SIGCONT');
    expect(await late).toMatchObject({ status: 503, body: { outcome: 'not-written' } });
    expect(await inLog('suspended')).toEqual([body.position]);
    // Its connections to PostgreSQL may have ended while it was suspended.
    expect((await publishUntilTaken('suspended', suspended.url)).body.position).toBe(body.position);
  });

  it('write an event once whose acknowledgement was lost on its way: the broker knows the batch again', async () => {
    const drop = stack.proxies.kafka.dropResponse({ api: 'Produce', nth: 1 });
    const { status, body } = await publish(steady, 'lost');
    expect({ status, dropped: drop.happened, log: await inLog('lost') }).toEqual({
      status: 201,
      dropped: 1,
      log: [body.position],
    });
  });

  it('answer 503 while PostgreSQL is down, go on by themselves, and know what was written before', async () => {
    const before = await publish(steady, 'before');
    await stack.servers.postgres?.kill('SIGKILL');
    expect(await publish(steady, 'during')).toMatchObject({
      status: 503,
      body: { type: 'urn:millrace:problem:idempotency-unavailable', outcome: 'not-written' },
    });
    const health = await fetch(`${steady}/health/ready`);
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({ details: { idempotency: { status: 'down' } } });
    await stack.servers.postgres?.start();
    await waitFor('events to be taken again', async () => (await publish(steady, 'during')).status === 201);
    expect(await publish(steady, 'before')).toEqual(before);
    expect(await inLog('before')).toEqual([before.body.position]);
    expect(await inLog('during')).toHaveLength(1);
  });
});
