import { setTimeout as sleep } from 'node:timers/promises';
import { httpPublisher } from '@millrace/client';
import type { PublishError, Publisher } from '@millrace/client';
import { catalogue, FlightLanded } from '@millrace/contracts';
import { applyCatalogue, diffIds, readLog, startTestStack, waitFor } from '@millrace/testing';
import type { TestService, TestStack } from '@millrace/testing';
import { kafkaPublisher } from '../index';

const KEYS = 8;
/** Calls of one key that do not wait for each other. */
const AT_ONCE = 20;

interface Call {
  readonly id: string;
  readonly key: string;
  outcome: 'under way' | 'acknowledged' | PublishError['outcome'];
}

/** Publishes over a few keys without a pause, many calls of each key at once, and remembers what became of each. */
class Load {
  readonly calls: Call[] = [];
  private stopped = false;
  private readonly loops: Promise<void>[];

  constructor(
    private readonly publisher: Publisher,
    name: string,
  ) {
    this.loops = Array.from({ length: KEYS }, (_, key) => this.publish(`${name}-k${key}`));
  }

  count(outcome: Call['outcome']): number {
    return this.calls.filter((call) => call.outcome === outcome).length;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.loops);
    await this.publisher.close();
  }

  private async publish(key: string): Promise<void> {
    for (let round = 0; !this.stopped; round++) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => this.publishOne(key, round * AT_ONCE + n)));
      await sleep(5);
    }
  }

  private async publishOne(flightId: string, delayMinutes: number): Promise<void> {
    const call: Call = { id: `${flightId}-${delayMinutes}`, key: flightId, outcome: 'under way' };
    this.calls.push(call);
    const value = { flightId, origin: 'ATL', destination: 'BOS', delayMinutes };
    try {
      await this.publisher.publish(FlightLanded, value, { id: call.id });
      call.outcome = 'acknowledged';
    } catch (error) {
      call.outcome = (error as PublishError).outcome;
    }
  }
}

describe('a publisher', () => {
  let stack: TestStack;
  let producer: TestService;

  beforeAll(async () => {
    stack = await startTestStack();
    const { kafkaBrokers: brokers, schemaRegistryUrl: registryUrl } = stack.addresses;
    await applyCatalogue(catalogue, { brokers, registryUrl });
    producer = await stack.startService('producer', { PUBLISH_TIMEOUT_MS: '1500' });
  });
  afterAll(() => stack.stop());

  const overKafka = (deadlineMs: number): Promise<Publisher> => {
    const { kafkaBrokers: brokers, schemaRegistryUrl: registryUrl } = stack.addresses;
    return kafkaPublisher({ brokers, registryUrl, source: '/specs', deadlineMs });
  };
  const overHttp = async (deadlineMs: number): Promise<Publisher> =>
    httpPublisher({ url: producer.url, source: '/specs', deadlineMs });

  /** Acknowledged is in the log, refused and not written is not, and each key lies there in the order of its calls. */
  async function expectTrueAnswers({ calls }: Load): Promise<void> {
    const stored = await readLog('flights', stack.addresses.kafkaBrokers);
    const first = new Set(stored.map(({ headers }) => headers['ce_id'] ?? ''));
    const idsOf = (isWanted: (call: Call) => boolean) => calls.filter(isWanted).map(({ id }) => id);
    const acknowledged = idsOf(({ outcome }) => outcome === 'acknowledged');
    expect(
      diffIds(
        acknowledged,
        acknowledged.filter((id) => first.has(id)),
      ),
    ).toEqual({ missing: [], extra: [] });
    expect(idsOf(({ id, outcome }) => ['refused', 'not-written'].includes(outcome) && first.has(id))).toEqual(
      [],
    );
    for (const key of new Set(calls.map((call) => call.key))) {
      const inCalls = idsOf((call) => call.key === key && first.has(call.id));
      const known = new Set(inCalls);
      expect([...first].filter((id) => known.has(id))).toEqual(inCalls);
    }
  }

  it('over HTTP brings every event into the log while its producer is killed and restarted, again and again', async () => {
    const load = new Load(await overHttp(30_000), 'killed');
    for (let kill = 0; kill < 3; kill++) {
      const before = load.count('acknowledged');
      await waitFor('events to be acknowledged', () => load.count('acknowledged') > before + 500);
      await producer.process.kill('SIGKILL');
      await producer.process.start();
    }
    await load.stop();
    expect(load.count('acknowledged')).toBe(load.calls.length);
    await expectTrueAnswers(load);
  });

  it.each([
    ['HTTP', overHttp],
    ['Kafka', overKafka],
  ])('over %s tells the truth about every event while the broker is away', async (name, open) => {
    const load = new Load(await open(2_500), name);
    await waitFor('events to be acknowledged', () => load.count('acknowledged') > 200);
    // Killed at once it may have had nothing to answer: then no event would be unknown.
    await stack.servers.kafka?.kill('SIGSTOP');
    await waitFor('events to be given up', () => load.count('not-written') > 0 && load.count('unknown') > 0);
    await stack.servers.kafka?.kill('SIGKILL');
    await stack.servers.kafka?.start();
    const before = load.count('acknowledged');
    await waitFor('events to be acknowledged again', () => load.count('acknowledged') > before + 200);
    await load.stop();
    expect([load.count('under way'), load.count('refused')]).toEqual([0, 0]);
    await expectTrueAnswers(load);
  });
});
