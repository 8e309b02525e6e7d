import { catalogue, FlightLanded } from '@millrace/contracts';
import { PoisonEvents } from '@millrace/postgres';
import { applyCatalogue, createTestDatabase, startTestStack, waitFor } from '@millrace/testing';
import type { TestDatabase, TestService, TestStack } from '@millrace/testing';

const SESSION_MS = 6_000;
/** A session that has to end, a process that starts, and what is left to do. */
const WITHIN_MS = 60_000;
/** More than one chunk of a queue takes at first, which are 32. */
const EVENTS = 40;
const POISON = 1;

/** A key is parked, and its queue folded, while its owner dies between the steps. */
describe('the events of a parked key', () => {
  let stack: TestStack;
  let database: TestDatabase;
  let producer: TestService;
  let poison: PoisonEvents;
  let trials = 0;

  beforeAll(async () => {
    stack = await startTestStack({ durable: true });
    const { kafkaBrokers: brokers, schemaRegistryUrl: registryUrl, databaseUrl } = stack.addresses;
    await applyCatalogue(catalogue, { brokers, registryUrl });
    database = await createTestDatabase(databaseUrl);
    poison = new PoisonEvents(database.pool);
    producer = await stack.startService('producer', {});
  });

  afterAll(async () => {
    await database.drop();
    await stack.stop();
  });

  function deploy(name: string, env: { refused?: string; crashPoint?: string } = {}): Promise<TestService> {
    return stack.startService(
      'projection',
      {
        ...{ PROJECTIONS: 'apps/projection/src/test/projections/poisoned', DATABASE_URL: database.url },
        ...{ KAFKA_SESSION_TIMEOUT_MS: String(SESSION_MS), REFUSED_DELAYS: env.refused ?? '' },
        MILLRACE_CRASH_POINT: env.crashPoint ?? '',
      },
      `${name}-${trials}`,
    );
  }

  /** Events of one flight, in order; their delays are their numbers. */
  async function publish(flightId: string, from: number, count = 1): Promise<void> {
    const events = Array.from({ length: count }, (_, index) => ({
      ...{ specversion: '1.0', id: `${flightId}-${from + index}`, source: '/specs', type: FlightLanded.type },
      data: { flightId, origin: 'ATL', destination: 'BOS', delayMinutes: from + index },
    }));
    const answer = await fetch(`${producer.url}/v1/events`, {
      ...{ method: 'POST', body: JSON.stringify(events) },
      headers: { 'content-type': 'application/cloudevents-batch+json' },
    });
    expect(answer.status).toBe(201);
  }

  const numbers = (count: number) => Array.from({ length: count }, (_, number) => number).join(' ');
  const rowIs = (flightId: string, seen: string) =>
    waitFor(
      `${flightId} to be ${seen}`,
      async () => {
        const sql = 'SELECT FROM read_model.poisoned WHERE flight_id = $1 AND seen = $2';
        return (await database.query(sql, [flightId, seen])).length === 1;
      },
      WITHIN_MS,
    );
  const isParked = (flightId: string, events: number) =>
    waitFor(
      `${flightId} to be parked with ${events}`,
      async () => {
        const found = await poison.list('poisoned', { limit: 100 });
        return found.some((each) => each.key === flightId && each.events === events);
      },
      WITHIN_MS,
    );
  const dead = (service: TestService) =>
    waitFor('its death', () => service.process.pid === undefined, WITHIN_MS);

  it.each([
    ['in the transaction that parks it', 'record-parked:1'],
    ['in the middle of a chunk of its queue', 'queue-effects-written:1'],
    ['between two chunks of its queue', 'queue-drained:1'],
    ['where its queue is empty and its fence stands', 'queue-drained:2'],
  ])('are folded once and in order when their owner dies %s', async (_where, crashPoint) => {
    const flight = `flight-${(trials += 1)}`;
    const refused = String(POISON);
    const diesParking = crashPoint.startsWith('record-parked');
    const first = diesParking ? await deploy('parking', { refused, crashPoint }) : undefined;
    await publish(flight, 0, EVENTS);
    if (first !== undefined) await dead(first);
    const parking = await deploy('parks', { refused });
    await isParked(flight, EVENTS - POISON);
    await rowIs(flight, '0');
    await parking.process.stop();

    if (!diesParking) {
      const folding = await deploy('folding', { crashPoint });
      await poison.retry('poisoned', { key: flight });
      await dead(folding);
    } else await poison.retry('poisoned', { key: flight });
    // These come behind whatever is left of the queue.
    await publish(flight, EVENTS, 2);
    const next = await deploy('next');
    await rowIs(flight, numbers(EVENTS + 2));
    const left = () => poison.list('poisoned', { limit: 10 });
    await waitFor('the fence to be gone', async () => (await left()).length === 0);
    await next.process.stop();
    const fences = 'SELECT FROM millrace.key_fence UNION ALL SELECT FROM millrace.parked_record';
    expect(await database.query(fences)).toEqual([]);
  });
});
