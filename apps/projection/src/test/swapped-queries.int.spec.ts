import { setTimeout as sleep } from 'node:timers/promises';
import { parsePosition } from '@millrace/event';
import { liveBuild, readBuilds, ReplayRuns, swapBuilds } from '@millrace/postgres';
import type { BuildState, ShapedBuild } from '@millrace/postgres';
import { defineAggregate, defineEntity, readerOf } from '@millrace/projecting';
import type { Projection } from '@millrace/projecting';
import { TrialTopic, waitFor } from '@millrace/testing';
import { QueriedService } from './queried-service';

const FIELDS = [{ name: 'amount', type: 'int' }];

// The versions share no column but the key's type: whatever is shown by the wrong one stands out.
describe('queries through swaps between two versions', () => {
  let topic: TrialTopic;
  let service: QueriedService;
  let first: ShapedBuild;
  let second: ShapedBuild;

  function versions(name: string): [Projection, Projection] {
    const one = defineEntity({
      ...{ name, version: 1, key: 'account', columns: { amount: 'integer' }, queryable: ['amount'] },
      folds: (fold) => [fold(topic.event('Paid'), (_row, { amount }) => ({ amount: Number(amount) }))],
    });
    const two = defineAggregate({
      ...{ name, version: 2, key: 'owner', queryable: ['payments'] },
      columns: { payments: { type: 'bigint', merge: 'sum' } },
      empty: { payments: 0n },
      folds: (fold) => [
        fold(
          topic.event('Paid'),
          (_payload) => 'all',
          ({ payments }) => ({ payments: payments + 1n }),
        ),
      ],
      derive: ({ payments }) => ({ isPaid: payments > 0n }),
    });
    return [one, two];
  }

  const pay = (account: string) => topic.publish('Paid', account, { amount: 7 });

  beforeAll(async () => {
    topic = await TrialTopic.create({ Paid: FIELDS });
    const [one, two] = versions(`swapped${topic.name.replace(/[^a-z0-9]/g, '')}`);
    service = await QueriedService.start(topic, [one, two], { atLeastTimeoutMs: 20_000 });
    const positions = await Promise.all(['alice', 'bob', 'carol'].map(pay));
    await service.ask(`?at-least=${positions.join(',')}`);
    const live = await liveBuild(service.database.pool, one.name);
    // The version that a new projection begins with is the latest.
    second = { build: live!, shape: two };
    const partitions = [0, 1, 2].map((partition) => ({ topic: topic.name, partition, from: '0', to: '0' }));
    const runs = new ReplayRuns(service.database.pool);
    const plan = { sameLogic: false, partitions };
    const { build } = await runs.begin(one, { replaces: second.build, plan });
    first = { build, shape: one };
    // It follows the log from now on, as after a rebuild.
    await service.database.query('UPDATE millrace.position SET stop_at = NULL WHERE reader = $1', [
      readerOf(build),
    ]);
  });

  afterAll(async () => {
    await service.close();
    await topic.close();
  });

  async function swap(to: ShapedBuild): Promise<void> {
    const from = to === first ? second : first;
    const { pool } = service.database;
    const client = await pool.connect();
    try {
      await waitFor('the swap', async () => {
        const builds = await readBuilds(pool, [to.build.projection]);
        const state = builds.find(({ build }) => build === to.build.build)?.state as BuildState;
        const outcome = await swapBuilds(client, { from, to, expected: state });
        return outcome.kind === 'swapped';
      });
    } finally {
      client.release();
    }
  }

  it('show rows by the version that answers, from the first answer on', async () => {
    for (let round = 0; round < 5; round++) {
      await swap(first);
      const one = await service.ask('?limit=1');
      expect(one.body.rows).toEqual([{ account: 'alice', amount: 7 }]);
      // By the former version's key there would be no cursor.
      expect((await service.ask(`?limit=1&cursor=${one.body.next}`)).body.rows).toEqual([
        { account: 'bob', amount: 7 },
      ]);
      await swap(second);
      expect((await service.ask('/all')).body.row).toEqual({ owner: 'all', payments: '3', isPaid: true });
    }
  });

  it('take a column of the live version and refuse one of the other, at once', async () => {
    await swap(first);
    expect((await service.ask('?amount=7&limit=5')).body.rows).toHaveLength(3);
    expect((await service.ask('?payments[gt]=1')).body.type).toBe('urn:millrace:problem:unknown-column');
    await swap(second);
    expect((await service.ask('?payments[gt]=1')).body.rows).toHaveLength(1);
    expect((await service.ask('?amount=7')).body.type).toBe('urn:millrace:problem:unknown-column');
  });

  it('refuse a cursor of the other version, and take it again when that is back', async () => {
    await swap(first);
    const { body } = await service.ask('?limit=1');
    await swap(second);
    const refused = await service.ask(`?limit=1&cursor=${body.next}`);
    expect([refused.status, refused.body.type]).toEqual([410, 'urn:millrace:problem:cursor-version']);
    await swap(first);
    expect((await service.ask(`?limit=1&cursor=${body.next}`)).body.rows).toEqual([
      { account: 'bob', amount: 7 },
    ]);
    await swap(second);
  });

  it('describe the version that is live', async () => {
    await swap(first);
    await service.ask('?limit=1');
    const document = async () => (await service.get(`/v1/openapi/${service.hosted.name}`)).text;
    expect(await document()).toContain('amount[gte]');
    await swap(second);
    await service.ask('?limit=1');
    expect(await document()).toContain('payments[gte]');
  });

  it('that wait for a record get an answer with it, although builds are swapped while they wait', async () => {
    const reached = (await service.ask('/all')).body.positions!.map(parsePosition);
    const wanted = reached.map(({ topic: name, partition, offset }) => `${name}/${partition}/${offset + 1n}`);
    let isAnswered = false;
    const answers = Promise.all(
      Array.from({ length: 30 }, () => service.ask(`?limit=1000&at-least=${wanted.join(',')}`)),
    ).finally(() => (isAnswered = true));
    await swap(first);
    await sleep(50);
    expect(isAnswered).toBe(false);
    // One more record in each partition, while the builds go on being swapped.
    const published = Promise.all([0, 1, 2].map((partition) => pay(topic.keyIn(partition))));
    await swap(second);
    await swap(first);
    await published;
    for (const { status, body } of await answers) {
      expect(status).toBe(200);
      const included = new Map(
        body.positions!.map(parsePosition).map((at) => [`${at.topic}/${at.partition}`, at.offset]),
      );
      const short = wanted
        .map(parsePosition)
        .filter((at) => (included.get(`${at.topic}/${at.partition}`) ?? -1n) < at.offset);
      expect(short).toEqual([]);
    }
    await swap(second);
  });

  it('never mix the versions, fail, or go back, however often they are swapped', async () => {
    const stopping = new AbortController();
    const wrong: string[] = [];
    const shown = new Set<string>();
    const read = async (path: string) => {
      const highest = new Map<string, bigint>();
      while (!stopping.signal.aborted) {
        const { status, body } = await service.ask(path);
        if (status !== 200) wrong.push(`${path} was answered ${status}: ${body.detail}`);
        const rows = body.rows ?? [body.row ?? {}];
        const kinds = new Set(rows.map((row) => Object.keys(row).join()));
        if (kinds.size > 1) wrong.push(`${path} mixes ${[...kinds].join(' and ')}`);
        for (const kind of kinds) shown.add(kind);
        const events = (body.positions ?? []).reduce((sum, at) => sum + parsePosition(at).offset + 1n, 0n);
        const payments = rows[0]?.['payments'] as string | undefined;
        if (payments !== undefined && BigInt(payments) !== events) {
          wrong.push(`${path} counts ${payments} of ${events} events`);
        }
        for (const { topic: name, partition, offset } of (body.positions ?? []).map(parsePosition)) {
          const at = `${name}/${partition}`;
          if (offset < (highest.get(at) ?? 0n)) wrong.push(`${path} went back to ${at}/${offset}`);
          highest.set(at, offset);
        }
      }
    };
    const publish = async () => {
      for (let nth = 0; !stopping.signal.aborted; nth++) await pay(`busy-${nth % 50}`);
    };
    // Both versions have a row under this key.
    await pay('all');
    const working = Promise.all([
      read('?limit=1000'),
      read('?limit=1'),
      read('/all'),
      read('/all'),
      publish(),
    ]);
    for (let round = 0; round < 10; round++) {
      await swap(round % 2 === 0 ? first : second);
      await sleep(30);
    }
    stopping.abort();
    await working;
    expect(wrong.slice(0, 10)).toEqual([]);
    expect(shown).toEqual(new Set(['account,amount', 'owner,payments,isPaid']));
  });
});
