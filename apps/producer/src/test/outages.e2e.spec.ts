import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { catalogue, FlightLanded } from '@millrace/contracts';
import { applyCatalogue, diffIds, readLog, startTestStack, waitFor } from '@millrace/testing';
import type { StoredRecord, TestService, TestStack } from '@millrace/testing';
import { parseAnswers } from './producer-under-test';
import { Publisher } from './publisher';

const PUBLISH_TIMEOUT_MS = 1_500;
/** What a machine that is busy with other things may add. */
const PATIENCE_MS = 2_000;

describe('a producer', () => {
  let stack: TestStack;
  let producer: TestService;
  let pid: number | undefined;

  beforeAll(async () => {
    stack = await startTestStack();
    const { kafkaBrokers: brokers, schemaRegistryUrl: registryUrl } = stack.addresses;
    await applyCatalogue(catalogue, { brokers, registryUrl });
    const env = { PUBLISH_TIMEOUT_MS: String(PUBLISH_TIMEOUT_MS) };
    producer = await stack.startService('producer', env);
    pid = producer.process.pid;
  });
  afterAll(() => stack.stop());
  // Whatever a test does to the servers: the process lives on.
  afterEach(() => expect(producer.process.pid).toBe(pid));

  const ready = async (url = producer.url) => {
    const response = await fetch(`${url}/health/ready`);
    const { details } = (await response.json()) as {
      details: Record<string, { status: string; reason?: string }>;
    };
    return { status: response.status, details };
  };
  const isReady = async (): Promise<boolean> => (await ready()).status === 200;
  const log = (): Promise<StoredRecord[]> => readLog('flights', stack.addresses.kafkaBrokers);

  /** Nothing that was acknowledged is missing, nothing that was called not written is there, and keys are in order. */
  async function expectTrueAnswers(publisher: Publisher): Promise<void> {
    const stored = (await log()).map(({ headers }) => headers['ce_id'] ?? '');
    const unique = new Set(stored);
    const { acknowledged } = publisher;
    expect(
      diffIds(
        acknowledged,
        acknowledged.filter((id) => unique.has(id)),
      ).missing,
    ).toEqual([]);
    expect(publisher.withOutcome('not-written').filter(({ id }) => unique.has(id))).toEqual([]);
    const keys = new Set(publisher.answers.map(({ key }) => key));
    for (const each of keys) {
      const sent = publisher.answers.filter(({ key }) => key === each).map(({ id }) => id);
      const sentAndStored = sent.filter((id) => unique.has(id));
      expect([...unique].filter((id) => sent.includes(id))).toEqual(sentAndStored);
    }
  }

  it('answers 503 while Kafka is down, recovers by itself, and has told the truth about every event', async () => {
    const publisher = new Publisher(producer.url, 'killed');
    publisher.start(12);
    await waitFor('events to be acknowledged', () => publisher.acknowledged.length > 100);
    await stack.servers.kafka?.kill('SIGKILL');
    await waitFor('events to be answered', () => publisher.withOutcome('not-written').length > 12);
    expect(await ready()).toMatchObject({
      status: 503,
      details: { kafka: { status: 'down' }, schemas: { status: 'up' } },
    });
    const before = publisher.acknowledged.length;
    await stack.servers.kafka?.start();
    await waitFor('events to be acknowledged again', () => publisher.acknowledged.length > before + 100);
    await waitFor('the producer to be ready', isReady);
    await publisher.stop();

    const refused = publisher.answers.filter(({ status }) => status !== 201);
    for (const { status, outcome, retryAfter, tookMs } of refused) {
      expect({ status, retryAfter }).toEqual({ status: 503, retryAfter: '5' });
      expect(['unknown', 'not-written']).toContain(outcome);
      expect(tookMs).toBeLessThan(PUBLISH_TIMEOUT_MS + PATIENCE_MS);
    }
    await expectTrueAnswers(publisher);
  });

  it('answers in time while Kafka hangs: unknown for what was in flight, not-written for what never left', async () => {
    const publisher = new Publisher(producer.url, 'hung');
    await publisher.publish('one-key');
    await stack.servers.kafka?.kill('SIGSTOP');
    const inFlight = publisher.publish('one-key');
    await waitFor('the outage to be noticed', async () => (await ready()).status === 503);
    const waiting = publisher.publish('one-key');
    for (const { status, tookMs } of await Promise.all([inFlight, waiting])) {
      expect(status).toBe(503);
      expect(tookMs).toBeLessThan(PUBLISH_TIMEOUT_MS + PATIENCE_MS);
    }
    expect([(await inFlight).outcome, (await waiting).outcome]).toEqual(['unknown', 'not-written']);

    await stack.servers.kafka?.kill('SIGCONT');
    await waitFor('the producer to be ready', isReady);
    const again = await waitFor('the same event to be acknowledged', async () => {
      const answer = await publisher.publish('one-key', (await inFlight).id);
      return answer.status === 201 && answer;
    });
    expect(again.id).toBe((await inFlight).id);
    const stored = (await log()).map(({ headers }) => headers['ce_id']);
    expect(stored).toContain((await inFlight).id);
    expect(stored).not.toContain((await waiting).id);
  });

  it('goes on with the schemas it knows while the registry is down', async () => {
    await stack.servers.registry?.kill('SIGKILL');
    const publisher = new Publisher(producer.url, 'registry');
    expect((await publisher.publish('r')).status).toBe(201);
    expect(await isReady()).toBe(true);
  });

  it('that starts while the registry is down says so, refuses what comes, and is ready when it returns', async () => {
    const late = stack.startService('producer', {}, 'late');
    const logged = () => readFile(join(stack.directory, 'logs', 'late.log'), 'utf8');
    const url = await waitFor(
      'its address',
      async () => /"url":"([^"]+)","msg":"listening"/.exec(await logged())?.[1],
    );
    const refused = await new Publisher(url, 'late').publish('l');
    expect(refused).toMatchObject({ status: 503, outcome: 'not-written', retryAfter: '2' });
    expect(await ready(url)).toMatchObject({
      status: 503,
      details: {
        kafka: { status: 'up' },
        schemas: { status: 'down', reason: expect.stringContaining('registry') as string },
      },
    });
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
    await stack.servers.registry?.start();
    await late;
    expect((await new Publisher(url, 'on-time').publish('l')).status).toBe(201);
    await (await late).process.stop();
  });

  function openStream(url: string): { outgoing: ClientRequest; answer: Promise<IncomingMessage> } {
    const headers = { 'content-type': 'application/x-ndjson' };
    const outgoing = request(`${url}/v1/events`, { method: 'POST', headers });
    // The connection ends while this side is still sending: that is the point.
    outgoing.on('error', () => undefined);
    const answer = once(outgoing, 'response').then(([response]) => response as IncomingMessage);
    return { outgoing, answer };
  }

  const line = (id: string): string =>
    `${JSON.stringify({
      type: FlightLanded.type,
      id,
      data: { flightId: id, origin: 'ATL', destination: 'BOS', delayMinutes: 0 },
    })}\n`;

  it('survives clients that go away in the middle of a stream', async () => {
    for (let client = 0; client < 20; client++) {
      const { outgoing, answer } = openStream(producer.url);
      for (let count = 0; count < 200; count++) outgoing.write(line(`gone-${client}-${count}`));
      if (client % 2 === 0) await answer;
      outgoing.destroy();
      await answer.catch(() => undefined);
    }
    expect((await new Publisher(producer.url, 'still-here').publish('s')).status).toBe(201);
    expect(producer.process.logTail(50)).not.toContain('"level":"error"');
  });

  it('that is stopped in the middle of a stream finishes what it took, and says that there was more', async () => {
    const stopped = await stack.startService('producer', {}, 'stopped');
    const { outgoing, answer } = openStream(stopped.url);
    let sent = 0;
    const sending = setInterval(() => {
      for (let count = 0; count < 50; count++) outgoing.write(line(`stop-${(sent += 1)}`));
    }, 5);
    const response = await answer;
    const answered = text(response);
    await waitFor('the stream to be under way', () => sent > 1_000);
    const startedAt = performance.now();
    await stopped.process.stop();
    clearInterval(sending);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(stopped.process.logTail(1)).toContain('"msg":"stopped"');

    const answers = parseAnswers(await answered);
    const taken = answers.flatMap(({ id }) => (typeof id === 'string' ? [id] : []));
    expect(answers.slice(-2)).toEqual([
      { problem: expect.objectContaining({ status: 503, outcome: 'not-written' }) as unknown },
      { summary: { published: taken.length, refused: 0 } },
    ]);
    const stored = (await log()).map(({ headers }) => headers['ce_id'] ?? '');
    expect(
      diffIds(
        taken,
        stored.filter((id) => id.startsWith('stop-')),
      ),
    ).toEqual({ missing: [], extra: [] });
  });

  it('that is stopped while Kafka hangs answers who is waiting, and ends in time', async () => {
    const env = { PUBLISH_TIMEOUT_MS: '20000', SHUTDOWN_TIMEOUT_MS: '3000' };
    const stopped = await stack.startService('producer', env, 'hurried');
    const publisher = new Publisher(stopped.url, 'hurried');
    expect((await publisher.publish('h')).status).toBe(201);
    await stack.servers.kafka?.kill('SIGSTOP');
    const waiting = publisher.publish('h');
    await waitFor('the outage to be noticed', async () => (await ready(stopped.url)).status === 503);
    await stopped.process.stop();
    expect(await waiting).toMatchObject({ status: 503, outcome: 'unknown' });
    expect(stopped.process.logTail(1)).toContain('"msg":"stopped"');
    await stack.servers.kafka?.kill('SIGCONT');
    await waitFor('the other producer to be ready', isReady);
  });
});
