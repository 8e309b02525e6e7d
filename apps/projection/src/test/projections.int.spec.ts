import { defineAggregate, defineEntity } from '@millrace/projecting';
import { Servers } from '@millrace/reading';
import { createLogger, parseConfiguration, startService } from '@millrace/service';
import type { RunningService } from '@millrace/service';
import {
  createTestDatabase,
  moveGroupOffsets,
  silentLogger,
  TrialTopic,
  variablesUnderTest,
  waitFor,
} from '@millrace/testing';
import type { TestDatabase } from '@millrace/testing';
import { configuration } from '../configuration';
import { HostedProjection } from '../hosted-projection';
import { ProjectionHost } from '../projection-host';
import { ProjectionModule } from '../projection.module';
import { projectionService } from '../projection-service';

const FIELDS = [
  { name: 'account', type: 'string' },
  { name: 'amount', type: 'long' },
];
const BEYOND_DOUBLE = 9_007_199_254_740_993n;
const AT_LEAST_TIMEOUT_MS = 1_000;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly rows?: readonly Record<string, unknown>[];
    readonly row?: Record<string, unknown>;
    readonly positions?: readonly string[];
    readonly next?: string;
    readonly projections?: readonly {
      readonly name: string;
      readonly partitions: readonly { readonly state: string }[];
    }[];
    readonly type?: string;
    readonly detail?: string;
    readonly known?: readonly string[];
  };
}

describe('the projection service', () => {
  let topic: TrialTopic;
  let database: TestDatabase;
  let service: RunningService;
  let start: () => Promise<void>;

  beforeAll(async () => {
    [topic, database] = await Promise.all([TrialTopic.create({ Paid: FIELDS }), createTestDatabase()]);
    const settings = parseConfiguration(configuration, {
      ...variablesUnderTest(database.url),
      PROJECTIONS: 'none',
    });
    const { catalogue } = topic;
    const paid = topic.event('Paid');
    // Kafka groups are named after projections: the topic's name keeps them apart from other runs.
    const suffix = topic.name.replace(/[^a-z0-9]/g, '');
    const lastPayment = defineEntity({
      name: `last${suffix}`,
      version: 1,
      key: 'account',
      columns: { amount: 'bigint' },
      queryable: ['amount'],
      folds: (fold) => [fold(paid, (row, { amount }) => ({ ...row, amount: amount as bigint }))],
    });
    const total = defineAggregate({
      name: `total${suffix}`,
      version: 1,
      key: 'account',
      columns: { paid: { type: 'bigint', merge: 'sum' }, payments: { type: 'integer', merge: 'sum' } },
      empty: { paid: 0n, payments: 0 },
      folds: (fold) => [
        fold(
          paid,
          ({ account }) => String(account),
          (row, { amount }) => ({ paid: row.paid + (amount as bigint), payments: row.payments + 1 }),
        ),
      ],
      derive: ({ payments }) => ({ isRegular: payments > 1 }),
    });
    const definition: typeof projectionService = {
      ...projectionService,
      module: () => {
        const servers = new Servers({ name: 'projection', settings, catalogue, log: silentLogger });
        const hosted = [lastPayment, total].map(
          (projection) => new HostedProjection([projection], servers.database, catalogue),
        );
        return Promise.resolve(
          ProjectionModule.hosting(
            new ProjectionHost({ servers, projections: hosted, log: silentLogger }),
            AT_LEAST_TIMEOUT_MS,
          ),
        );
      },
    };
    start = async () => {
      const log = createLogger({ name: 'projection', level: 'fatal' });
      service = await startService(definition, settings, log);
      await waitFor('every partition to be read', async () => {
        const { projections = [] } = (await get('/v1/projections')).body;
        if (projections.length === 0) return false;
        return projections.every(({ partitions }) => partitions.every(({ state }) => state === 'running'));
      });
    };
    await start();
    expect((await get('/health/ready')).status).toBe(200);
  });

  afterAll(async () => {
    await service.close();
    await topic.close();
    await database.drop();
  });

  async function get(path: string): Promise<Answer> {
    const response = await fetch(`${service.url}${path}`);
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as Answer['body'],
    };
  }

  const rows = (kind: 'last' | 'total', rest = '') =>
    get(`/v1/projections/${kind}${topic.name.replace(/[^a-z0-9]/g, '')}${rest}`);

  const pay = (account: string, amount: bigint, id?: string) =>
    topic.publish('Paid', account, { account, amount }, id);

  it('lets a client read its own write, with 64-bit numbers whole', async () => {
    const position = await pay('alice', BEYOND_DOUBLE);
    const { status, body } = await rows('last', `/alice?at-least=${position}`);
    expect(status).toBe(200);
    expect(body.row).toEqual({ account: 'alice', amount: String(BEYOND_DOUBLE) });
    expect(body.positions).toContain(position);
  });

  it('says with a row, and where there is none, that an event of the key cannot be folded', async () => {
    const position = await pay('alice', BEYOND_DOUBLE);
    await rows('last', `/alice?at-least=${position}`);
    const before = (await rows('last', '/alice')).headers.get('etag');
    const reader = `projection/last${topic.name.replace(/[^a-z0-9]/g, '')}@1`;
    await database.query(
      `WITH keys AS (SELECT * FROM (VALUES ('kalice'::bytea, 7), ('knobody'::bytea, 8)) AS keys (fence, place)),
            fenced AS (INSERT INTO millrace.key_fence (reader, topic, partition, fence, state, next_attempt_at, fenced_at)
                       SELECT $1, 'trial', 0, fence, 'dead', now(), '2026-01-02T03:04:05Z' FROM keys)
       INSERT INTO millrace.parked_record
              (reader, topic, partition, record_offset, fence, state, headers, timestamp_ms, error_message)
       SELECT $1, 'trial', 0, place, fence, 'dead', '[]', 0, 'no fold' FROM keys`,
      [reader],
    );
    const since = '2026-01-02T03:04:05.000Z';
    const parked = { since, reason: 'no fold', position: 'trial/0/7', events: 1 };
    const found = await rows('last', '/alice');
    expect(found.body).toMatchObject({ row: { account: 'alice' }, parked });
    // A client that has the row does not have this.
    expect(found.headers.get('etag')).not.toBe(before);
    expect((await rows('last')).body).toMatchObject({ parked: { alice: parked } });
    const { status, body } = await rows('last', '/nobody');
    expect(status).toBe(404);
    expect(body).toMatchObject({ parked: { ...parked, position: 'trial/0/8' } });
    expect(body.detail).toContain('The key is parked since');
    await database.query('DELETE FROM millrace.parked_record WHERE reader = $1', [reader]);
    await database.query('DELETE FROM millrace.key_fence WHERE reader = $1', [reader]);
    expect((await rows('last', '/alice')).body).not.toHaveProperty('parked');
  });

  it('merges the partials of all partitions and adds what is derived', async () => {
    // An entity's key is the record's; the aggregate's is chosen, so its events lie in several partitions.
    const positions: string[] = [];
    for (const partition of [0, 1, 2]) {
      positions.push(await topic.publish('Paid', topic.keyIn(partition), { account: 'bob', amount: 10n }));
    }
    const { body } = await rows('total', `/bob?at-least=${positions.join(',')}`);
    expect(body.row).toEqual({ account: 'bob', paid: '30', payments: 3, isRegular: true });
    const partials = await database.query(
      `SELECT source_partition FROM read_model.total${topic.name.replace(/[^a-z0-9]/g, '')}_v1 WHERE account = 'bob'`,
    );
    expect(partials).toHaveLength(3);
  });

  it('counts an event that is published twice once', async () => {
    await pay('carol', 7n, 'carol-1');
    const again = await pay('carol', 7n, 'carol-1');
    const { body } = await rows('total', `/carol?at-least=${again}`);
    expect(body.row).toMatchObject({ paid: '7', payments: 1 });
  });

  it('pages through every row once, in the order of keys', async () => {
    const keys = Array.from({ length: 25 }, (_, index) => `page-${String(index).padStart(2, '0')}`);
    const positions = await Promise.all(keys.map((key) => pay(key, 1n)));
    const wait = `at-least=${positions.join(',')}`;
    const seen: unknown[] = [];
    let cursor = '';
    for (let page = 0; page < 20; page++) {
      const { body } = await rows('last', `?limit=7&${wait}${cursor}`);
      seen.push(...(body.rows ?? []).map((row) => row['account']));
      if (body.next === undefined) break;
      cursor = `&cursor=${body.next}`;
    }
    expect(seen).toEqual([...seen].sort());
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(keys));
  });

  it('sorts by a declared column, descending with a minus', async () => {
    const position = await pay('zoe', 5n);
    const { body } = await rows('last', `?sort=-amount&limit=2&at-least=${position}`);
    expect(body.rows?.[0]).toEqual({ account: 'alice', amount: String(BEYOND_DOUBLE) });
  });

  it('answers 409 with where it stands when it does not get there in time', async () => {
    const { status, body } = await rows('last', `?at-least=${topic.name}/0/999999`);
    expect(status).toBe(409);
    expect(body.type).toBe('urn:millrace:problem:not-yet-projected');
    expect(body.positions).toEqual(expect.arrayContaining([expect.stringContaining(`${topic.name}/0/`)]));
  });

  it.each([
    ['a limit that is no number', '?limit=ten', 400, 'invalid-query'],
    ['a limit that is too large', '?limit=1001', 400, 'invalid-query'],
    ['a column that it does not have', '?sort=colour', 400, 'unknown-column'],
    ['a position that is none', '?at-least=here', 400, 'invalid-position'],
    ['a position in a topic that it does not read', '?at-least=flights/0/1', 400, 'invalid-query'],
    ['a key without a row', '/nobody', 404, 'row-not-found'],
  ])('answers %s as a problem', async (_case, rest, status, code) => {
    const answer = await rows('last', rest);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect([answer.status, answer.body.type]).toEqual([status, `urn:millrace:problem:${code}`]);
  });

  it('names the projections that there are when one is asked for that is not', async () => {
    const { status, body } = await get('/v1/projections/nothing');
    expect(status).toBe(404);
    expect(body.known).toHaveLength(2);
  });

  it('reports how far it is in every partition', async () => {
    const position = await pay('dave', 1n);
    await rows('last', `/dave?at-least=${position}`);
    const { body } = await get('/v1/projections');
    const partitions = body.projections?.[0]?.partitions;
    expect(partitions).toHaveLength(3);
    expect(partitions).toEqual(
      Array.from({ length: 3 }, () => expect.objectContaining({ state: 'running', lag: '0' }) as object),
    );
  });

  it('pays no heed to an offset that somebody moved in Kafka: back, it would fold events twice', async () => {
    await rows('total', `/erin?at-least=${await pay('erin', 3n)}`);
    await service.close();
    const group = `total${topic.name.replace(/[^a-z0-9]/g, '')}-v1`;
    await waitFor('its offsets to be moved', async () => {
      await moveGroupOffsets(group, topic.name, [0n, 0n, 0n]);
      return true;
    });
    await start();
    const { body } = await rows('total', `/erin?at-least=${await pay('erin', 4n)}`);
    expect(body.row).toMatchObject({ paid: '7', payments: 2 });
  });
});
