import { catalogue, FlightLanded } from '@millrace/contracts';
import { applyCatalogue, startTestStack, waitFor } from '@millrace/testing';
import type { ProxiedTestStack, TestService } from '@millrace/testing';

interface Report {
  readonly groups: readonly {
    readonly partitions: readonly {
      readonly state: string;
      readonly reason?: string;
      readonly lag: string;
    }[];
  }[];
}

const GROUP = 'examples/flights/groups/delay-alerts';
const SESSION_MS = 8_000;
/** A broker that starts again on a busy machine, a session, and a group that joins anew. */
const READ_WITHIN_MS = 90_000;

/** Whatever becomes of a copy on its way to Kafka, it is no move by somebody else. */
describe('a group whose positions are being copied to Kafka', () => {
  let stack: ProxiedTestStack;
  let producer: TestService;
  let events = 0;

  beforeAll(async () => {
    stack = await startTestStack({ proxies: true, durable: true });
    const { kafkaBrokers: brokers, schemaRegistryUrl: registryUrl } = stack.addresses;
    await applyCatalogue(catalogue, { brokers, registryUrl });
    producer = await stack.startService('producer', {});
  });
  afterAll(() => stack.stop());

  const startConsumer = (name: string, env: Record<string, string> = {}) => {
    // Whoever follows a dead member waits for the end of its session.
    const settings = { CONSUMER_GROUPS: GROUP, KAFKA_SESSION_TIMEOUT_MS: String(SESSION_MS) };
    return stack.startService('consumer', { ...settings, ...env }, name);
  };

  async function publish(count: number): Promise<void> {
    const landings = Array.from({ length: count }, () => {
      events += 1;
      return { flightId: `f-${events}`, origin: 'ATL', destination: 'BOS', delayMinutes: 90 };
    });
    await waitFor('the landings to be taken', async () => {
      const answers = landings.map((landing) =>
        fetch(`${producer.url}/v1/events/${FlightLanded.type}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'ce-id': landing.flightId },
          body: JSON.stringify(landing),
        }),
      );
      return (await Promise.all(answers)).every(({ ok }) => ok);
    });
  }

  /** Reads to the end of the log; a partition that halts says so at once. */
  async function expectRead({ url }: TestService): Promise<void> {
    const read = async () => {
      const report = (await (await fetch(`${url}/v1/groups`)).json()) as Report;
      const all = report.groups.flatMap((group) => group.partitions);
      const isOver = all.every(
        ({ state, lag }) => state === 'halted' || (state === 'running' && lag === '0'),
      );
      return all.length > 0 && isOver && all;
    };
    const partitions = await waitFor('the group to be read', read, READ_WITHIN_MS);
    expect(partitions.filter(({ state }) => state === 'halted')).toEqual([]);
  }

  it('goes on when a member died between Kafka’s acknowledgement and its note', async () => {
    const dying = await startConsumer('dying', { MILLRACE_CRASH_POINT: 'position-copied:2' });
    await waitFor('it to die', async () => {
      await publish(20);
      return dying.process.pid === undefined;
    });
    const next = await startConsumer('next');
    await expectRead(next);
    await next.process.stop();
  });

  it('goes on when the broker has taken a copy and died before it could answer, again and again', async () => {
    const member = await startConsumer('member');
    for (let round = 0; round < 3; round++) {
      const lost = stack.proxies.kafka.dropResponse({ api: 'OffsetCommit', nth: 1 });
      await publish(20);
      await waitFor('the answer to be lost', () => lost.happened === 1);
      await stack.servers.kafka?.kill('SIGKILL');
      await stack.servers.kafka?.start();
      await publish(20);
      await expectRead(member);
    }
    await member.process.kill('SIGKILL');
    const next = await startConsumer('successor');
    await publish(20);
    await expectRead(next);
  });
});
