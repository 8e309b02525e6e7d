import { catalogue as flights, FlightLanded } from '@millrace/contracts';
import { freePort } from '@millrace/stack';
import { applyCatalogue, readLog, serversUnderTest, uniqueName, waitFor } from '@millrace/testing';
import { parcels } from './parcels';
import { ProducerUnderTest } from './producer-under-test';

const { topic, weighed, catalogue } = parcels(uniqueName('once'), { idempotency: { windowMs: 3_600_000 } });
const both = {
  topics: [...catalogue.topics, ...flights.topics],
  events: [...catalogue.events, ...flights.events],
};
const landed = { flightId: 'f-1', origin: 'ATL', destination: 'BOS', delayMinutes: 0 };
const weight = { parcelId: 'p-1', grams: 250 };

interface Health {
  readonly status: number;
  readonly details: Record<string, { readonly status: string } & Record<string, unknown>>;
}

describe('a producer that has no database', () => {
  const producers: ProducerUnderTest[] = [];
  beforeAll(() => applyCatalogue(both));
  afterAll(() => Promise.all(producers.map((producer) => producer.close())));

  async function start(
    catalogueOf: typeof both,
    settings: Record<string, string>,
  ): Promise<ProducerUnderTest> {
    const producer = await ProducerUnderTest.start(catalogueOf, serversUnderTest(), {
      PUBLISH_TIMEOUT_MS: '2000',
      ...settings,
    });
    producers.push(producer);
    await waitFor(
      'the schemas to be known',
      async () => (await health(producer)).details['schemas']?.status === 'up',
    );
    return producer;
  }

  async function health(producer: ProducerUnderTest): Promise<Health> {
    const response = await fetch(`${producer.url}/health/ready`);
    const { details } = (await response.json()) as Pick<Health, 'details'>;
    return { status: response.status, details };
  }

  it.each([
    ['was not told of one', async () => ({}), /DATABASE_URL is not set/],
    [
      'cannot reach it',
      async () => ({ DATABASE_URL: `postgresql://nobody@127.0.0.1:${await freePort()}/none` }),
      /ECONNREFUSED|has not answered/,
    ],
  ])('because it %s publishes to other topics, and says which wait for it', async (_, settings, reason) => {
    const producer = await start(both, await settings());
    expect(await producer.publish(FlightLanded.type, landed)).toMatchObject({ status: 201 });
    expect(await producer.publish(weighed.type, weight)).toMatchObject({
      status: 503,
      retryAfter: '2',
      body: {
        type: 'urn:millrace:problem:idempotency-unavailable',
        outcome: 'not-written',
        retriable: true,
        detail: expect.stringMatching(reason) as string,
      },
    });
    expect(await readLog(topic)).toEqual([]);
    expect(await health(producer)).toMatchObject({
      status: 200,
      details: {
        idempotency: { status: 'up', unavailable: [topic], reason: expect.stringMatching(reason) as string },
      },
    });
  });

  it('is not ready when it has no other topics', async () => {
    const producer = await start(catalogue as typeof both, {});
    expect(await health(producer)).toMatchObject({
      status: 503,
      details: { idempotency: { status: 'down', reason: 'DATABASE_URL is not set.' } },
    });
  });

  it('needs none without such topics, and does not speak of it', async () => {
    const producer = await start(flights as typeof both, {});
    const { status, details } = await health(producer);
    expect({ status, checks: Object.keys(details) }).toEqual({ status: 200, checks: ['kafka', 'schemas'] });
    expect(await producer.publish(FlightLanded.type, landed)).toMatchObject({ status: 201 });
  });
});

describe('a producer whose topic has a window and not its settings', () => {
  it('takes no events of it, and says how to set them', async () => {
    const plain = parcels(uniqueName('plain'));
    await applyCatalogue(plain.catalogue);
    const topics = plain.catalogue.topics.map((each) => ({ ...each, idempotency: { windowMs: 3_600_000 } }));
    const { databaseUrl, ...servers } = serversUnderTest();
    const producer = await ProducerUnderTest.start({ ...plain.catalogue, topics }, servers, {
      DATABASE_URL: databaseUrl,
    });
    try {
      const answer = await waitFor('the settings to be looked at', async () => {
        const { status, body } = await producer.publish(plain.weighed.type, weight);
        return String(body['detail']).includes('millrace topics apply') ? { status } : undefined;
      });
      expect(answer.status).toBe(503);
      expect(await readLog(plain.topic)).toEqual([]);
    } finally {
      await producer.close();
    }
  });
});
