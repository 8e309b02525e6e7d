import { defineEntity } from '@millrace/projecting';
import type { Projection } from '@millrace/projecting';
import { TrialTopic } from '@millrace/testing';
import { QueriedService } from './queried-service';

const OPTIONAL = (type: unknown) => ({ type: ['null', type], default: null });
const FIELDS = [
  { name: 'origin', ...OPTIONAL('string') },
  { name: 'miles', ...OPTIONAL('int') },
  { name: 'delay', ...OPTIONAL('int') },
  { name: 'day', ...OPTIONAL('string') },
];

function flights(topic: TrialTopic): Projection {
  return defineEntity({
    name: `flown${topic.name.replace(/[^a-z0-9]/g, '')}`,
    version: 1,
    key: 'flight',
    columns: {
      origin: 'text',
      miles: 'integer',
      delay: 'integer',
      day: 'date',
      cargo: 'integer',
      extra: 'json',
      limit: 'integer',
    },
    indexes: [['origin', 'miles'], ['day']],
    queryable: ['delay', 'limit'],
    folds: (fold) => [
      fold(topic.event('Flown'), (_row, payload) => ({
        ...(payload as { origin: string; miles: number; delay: number; day: string }),
        cargo: null,
        limit: 7,
        extra: { any: 'thing' },
      })),
    ],
  });
}

/** Key, origin, miles, delay, day. */
const FLOWN: readonly (readonly [string, string | null, number | null, number | null, string | null])[] = [
  ['f-1', 'LAS', 100, 5, '2001-01-01'],
  ['f-2', 'LAS', 500, null, '2001-01-02'],
  ['f-3', 'LAS', null, 60, null],
  ['f-4', 'SFO', 500, 0, '2001-01-02'],
  ['f-5', null, 700, -3, '2001-02-28'],
  ['f-6', 'a,b', 900, null, '2001-03-01'],
];

describe('a query over HTTP', () => {
  let topic: TrialTopic;
  let service: QueriedService;
  let positions: string[];
  const fly = ([key, origin, miles, delay, day]: (typeof FLOWN)[number]) =>
    topic.publish('Flown', key, { origin, miles, delay, day });

  beforeAll(async () => {
    topic = await TrialTopic.create({ Flown: FIELDS });
    service = await QueriedService.start(topic, [flights(topic)]);
    positions = await Promise.all(FLOWN.map(fly));
    expect((await service.ask(`?at-least=${positions.join(',')}&wait-ms=1000`)).body.rows).toHaveLength(
      FLOWN.length,
    );
  });

  afterAll(async () => {
    await service.close();
    await topic.close();
  });

  const keysOf = async (query: string) => {
    const { status, body } = await service.ask(query);
    return status === 200 ? body.rows?.map(({ flight }) => flight) : [status, body.detail];
  };

  it.each([
    ['', ['f-1', 'f-2', 'f-3', 'f-4', 'f-5', 'f-6']],
    ['?flight=f-3', ['f-3']],
    ['?flight[gt]=f-4', ['f-5', 'f-6']],
    ['?flight[in]=f-1&flight[in]=f-9&flight[in]=f-2', ['f-1', 'f-2']],
    ['?origin=LAS', ['f-1', 'f-2', 'f-3']],
    ['?origin[eq]=LAS', ['f-1', 'f-2', 'f-3']],
    ['?origin%5Bin%5D=a%2Cb&origin[in]=SFO', ['f-6', 'f-4']],
    ['?origin[null]=true', ['f-5']],
    ['?origin[null]=false&sort=-origin', ['f-4', 'f-3', 'f-2', 'f-1', 'f-6']],
    ['?origin=LAS&miles[gte]=100&miles[lt]=500', ['f-1']],
    ['?origin=LAS&miles[gt]=100', ['f-2']],
    ['?origin=LAS&miles[lte]=500&sort=-miles', ['f-2', 'f-1']],
    ['?origin=LAS&sort=miles', ['f-1', 'f-2', 'f-3']],
    ['?origin=LAS&sort=-miles', ['f-3', 'f-2', 'f-1']],
    ['?origin=LAS&miles[null]=true', ['f-3']],
    ['?day[gte]=2001-01-02&day[lte]=2001-02-28', ['f-2', 'f-4', 'f-5']],
    ['?sort=-day', ['f-3', 'f-6', 'f-5', 'f-4', 'f-2', 'f-1']],
    ['?delay[gte]=0', ['f-1', 'f-3', 'f-4']],
    ['?sort=delay', ['f-5', 'f-4', 'f-1', 'f-3', 'f-2', 'f-6']],
    ['?origin=LAS&delay[null]=false', ['f-1', 'f-3']],
    ['?limit[eq]=7&limit=2', ['f-1', 'f-2']],
    ['?limit[gt]=7&limit=2', []],
  ])('%s gives %j', async (query, keys) => {
    expect(await keysOf(query)).toEqual(keys);
  });

  it.each([
    ['?origin=LAS', 1],
    ['?sort=-day', 1],
    ['?sort=-day', 4],
    ['?sort=delay', 2],
    ['?origin=LAS&sort=-miles', 2],
    ['?flight[gt]=f-1&sort=-flight', 3],
  ])('%s gives the same rows in pages of %i', async (query, size) => {
    const whole = await keysOf(query);
    const paged: unknown[] = [];
    for (let cursor = ''; ;) {
      const { body } = await service.ask(`${query}&limit=${size}${cursor}`);
      expect(body.rows!.length).toBeGreaterThan(0);
      paged.push(...body.rows!.map(({ flight }) => flight));
      if (body.next === undefined) break;
      cursor = `&cursor=${body.next}`;
    }
    expect(paged).toEqual(whole);
  });

  const forged = (...content: unknown[]) => Buffer.from(JSON.stringify(content)).toString('base64url');

  it.each([
    ['a column that there is not', '?colour=red', 400, 'unknown-column', 'it has flight, origin'],
    ['a sort by a column that there is not', '?sort=colour', 400, 'unknown-column', 'it has flight, origin'],
    ['what paging was before', '?after=f-1', 400, 'unknown-column', 'limit, sort, cursor'],
    [
      'an operator that there is not',
      '?miles[like]=5',
      400,
      'invalid-query',
      'eq, in, gt, gte, lt, lte, null',
    ],
    ['brackets that do not close', '?miles[gt=5', 400, 'invalid-query', '<column>[<operator>]'],
    [
      'a value of another type',
      '?origin=LAS&miles=far',
      400,
      'invalid-query',
      'miles cannot be used: expected a whole number of 32 bits',
    ],
    ['a number that is too large', '?origin=LAS&miles[gt]=2147483648', 400, 'invalid-query', '32 bits'],
    ['a day that does not exist', '?day=2001-02-29', 400, 'invalid-query', 'a day such as 2001-01-31'],
    ['a null that is neither', '?day[null]=yes', 400, 'invalid-query', 'true or false'],
    ['a text with NUL', '?origin=%00', 400, 'invalid-query', 'without NUL'],
    ['a text that is too long', `?origin=${'x'.repeat(2_601)}`, 400, 'invalid-query', '2,600 characters'],
    ['a filter that is given twice', '?origin=LAS&origin=SFO', 400, 'invalid-query', '<column>[in]'],
    ['a limit that is given twice', '?limit=1&limit=2', 400, 'invalid-query', 'limit cannot be used'],
    ['a limit of none', '?limit=0', 400, 'invalid-query', '1 to 1000'],
    ['a limit that is too large', '?limit=1001', 400, 'invalid-query', '1 to 1000'],
    ['too many values', `?${'origin[in]=x&'.repeat(101)}`, 400, 'invalid-query', 'at most 100 values'],
    [
      'too many filters',
      `?${Array.from({ length: 17 }, (_, nth) => `c${nth}=x`).join('&')}`,
      400,
      'invalid-query',
      'at most 16 filters',
    ],
    ['a filter on json', '?extra=1', 400, 'invalid-query', 'extra is json'],
    ['a sort by json', '?sort=extra', 400, 'invalid-query', 'json has no order'],
    [
      'a filter that nothing serves',
      '?cargo=1',
      400,
      'not-served',
      'Served are flight, (origin, miles), (day); and delay, limit in any way',
    ],
    ['a sort that nothing serves', '?sort=miles', 400, 'not-served', 'sorted by miles'],
    ['a time to wait for nothing', '?wait-ms=5', 400, 'invalid-query', 'at-least'],
    ['a time to wait that is too long', '?at-least=x/0/1&wait-ms=1001', 400, 'invalid-query', '0 to 1000'],
    ['a cursor that is none', '?cursor=%21', 400, 'invalid-cursor', 'Begin again'],
    ['a cursor of something else', `?cursor=${forged({ offset: 7 })}`, 400, 'invalid-cursor', 'Begin again'],
    [
      'a cursor of another version',
      `?cursor=${forged(2, 'x'.repeat(16), ['f-1'])}`,
      410,
      'cursor-version',
      'version 1 is live now',
    ],
    [
      'a cursor of another list',
      `?cursor=${forged(1, 'x'.repeat(16), ['f-1'])}`,
      400,
      'cursor-mismatch',
      'another list',
    ],
    ['parameters of a list with a key', '/f-1?limit=1', 400, 'invalid-query', 'for one row'],
    ['a key with NUL', '/%00', 400, 'value-refused', 'no NUL'],
  ])('is refused with %s', async (_what, query, status, problem, detail) => {
    const answer = await service.ask(query);
    expect([answer.status, answer.body.type]).toEqual([status, `urn:millrace:problem:${problem}`]);
    expect(answer.body.detail).toContain(detail);
    expect(answer.body['instance']).not.toContain('?');
  });

  it('is refused with a cursor that was given for another filter, sort or direction', async () => {
    const { body } = await service.ask('?origin=LAS&limit=1');
    for (const other of [
      '?origin=SFO',
      '?origin=LAS&sort=-miles',
      '?sort=-day',
      '?origin=LAS&miles[gt]=1',
      '?',
    ]) {
      const answer = await service.ask(`${other}&cursor=${body.next}`);
      expect([other, answer.status, answer.body.type]).toEqual([
        other,
        400,
        'urn:millrace:problem:cursor-mismatch',
      ]);
    }
    expect((await service.ask(`?origin=LAS&limit=500&cursor=${body.next}`)).body.rows).toHaveLength(2);
  });

  it.each([
    ['?sort=day', ['2001-13-40', 'f-1']],
    ['?sort=day', ['\0', 'f-1']],
    ['?sort=delay', ['many', 'f-1']],
    ['?sort=delay', ['99999999999', 'f-1']],
    ['?sort=delay', ['5', '\0']],
    ['?sort=delay', ['5', null]],
    ['?sort=delay', ['5']],
  ])('is refused with a cursor of %s that somebody made up: %j', async (query, values) => {
    const { body } = await service.ask(`${query}&limit=1`);
    const [version, hash] = JSON.parse(Buffer.from(body.next!, 'base64url').toString()) as [number, string];
    const answer = await service.ask(`${query}&cursor=${forged(version, hash, values)}`);
    expect([answer.status, answer.body.type]).toEqual([400, 'urn:millrace:problem:invalid-cursor']);
  });

  it('says in problems what is served', async () => {
    const { body } = await service.ask('?cargo=1');
    expect(body).toMatchObject({
      key: 'flight',
      indexes: [['origin', 'miles'], ['day']],
      queryable: ['delay', 'limit'],
    });
  });

  it('finds a key however long it is, or says that there is no row', async () => {
    const key = 'é/?#'.repeat(250);
    const position = await fly([key, null, null, null, null]);
    const { status, body } = await service.ask(`/${encodeURIComponent(key)}?at-least=${position}`);
    expect([status, body.row?.['flight']]).toEqual([200, key]);
    expect((await service.ask(`/${'x'.repeat(9_000)}`)).body.type).toBe('urn:millrace:problem:row-not-found');
    await service.database.query(`DELETE FROM read_model.${service.hosted.name}_v1 WHERE flight = $1`, [key]);
  });

  describe('that was asked before', () => {
    const known = async (query: string, tag: string | null) =>
      service.ask(query, { 'if-none-match': `"other", ${tag}` });

    it('is answered 304 when the row did not change although others did, with the positions of now', async () => {
      const before = await service.ask('/f-1');
      const position = await fly(['f-7', 'SFO', 1, null, null]);
      const again = await known(`/f-1?at-least=${position}`, before.headers.get('etag'));
      expect([again.status, again.text]).toEqual([304, '']);
      expect(again.headers.get('etag')).toBe(before.headers.get('etag'));
      expect(again.headers.get('millrace-positions')?.split(',')).toContain(position);
      const changed = await fly(['f-1', 'LAS', 101, 5, '2001-01-01']);
      const then = await known(`/f-1?at-least=${changed}`, before.headers.get('etag'));
      expect([then.status, then.body.row?.['miles']]).toEqual([200, 101]);
    });

    it('is answered 304 when the page did not change, and the page when it did', async () => {
      const before = await service.ask('?origin=LAS&limit=2');
      const elsewhere = await fly(['f-7', 'SFO', 2, null, null]);
      expect(
        (await known(`?origin=LAS&limit=2&at-least=${elsewhere}`, before.headers.get('etag'))).status,
      ).toBe(304);
      const behind = await fly(['f-8', 'LAS', 102, null, null]);
      const after = await known(`?origin=LAS&limit=2&at-least=${behind}`, before.headers.get('etag'));
      expect([after.status, after.body.rows?.map(({ flight }) => flight)]).toEqual([200, ['f-1', 'f-8']]);
    });

    it('shows the positions in a header, those of a row that is not there and of a wait in vain as well', async () => {
      const [first = ''] = positions;
      for (const path of ['?limit=1', '/f-1', '/nobody', `?at-least=${topic.name}/0/9999&wait-ms=0`]) {
        const { headers, body } = await service.ask(path);
        expect(headers.get('millrace-positions')).toBe(body.positions?.join(','));
        expect(headers.get('millrace-positions')).toContain(first.replace(/\d+$/, ''));
      }
    });
  });

  it('waits as long as it is told and no longer, and many wait together', async () => {
    const since = performance.now();
    const never = `at-least=${topic.name}/0/9999`;
    const answers = await Promise.all(Array.from({ length: 40 }, () => service.ask(`?${never}&wait-ms=200`)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([409]));
    expect(performance.now() - since).toBeGreaterThan(190);
    expect(performance.now() - since).toBeLessThan(5_000);
    expect(answers[0]?.headers.get('retry-after')).toBe('1');
    expect(answers[0]?.body.positions?.length).toBeGreaterThan(0);
  });
});
