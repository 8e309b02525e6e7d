import { parsePosition } from '@millrace/event';
import { defineEntity } from '@millrace/projecting';
import { TrialTopic, waitFor } from '@millrace/testing';
import { QueriedService } from './queried-service';
import type { QueryAnswer } from './queried-service';

/** One works and fifty wait for the only connection. */
const TAKEN = 51;
/** Those that wait for a position have asked for a row first. */
const AT_ONCE = 40;

describe('queries beyond what a service takes', () => {
  let topic: TrialTopic;
  let service: QueriedService;

  beforeAll(async () => {
    topic = await TrialTopic.create({ Noted: [] });
    const projection = defineEntity({
      name: 'limited',
      version: 1,
      key: 'thing',
      columns: { text: 'text' },
      folds: (fold) => [fold(topic.event('Noted'), () => ({ text: 'x' }))],
    });
    service = await QueriedService.start(topic, [projection], {
      atLeastTimeoutMs: 60_000,
      queries: { poolSize: 1, statementTimeoutMs: 1_000 },
    });
  });

  afterAll(async () => {
    await service.close();
    await topic.close();
  });

  const kindOf = ({ status, headers, body }: QueryAnswer) =>
    [status, body.type?.split(':').at(-1) ?? 'row', headers.get('retry-after')].join(' ');

  it('are refused with 503 when the database takes too long or too many wait for it, and when to ask again', async () => {
    const held = await service.database.pool.connect();
    await held.query('BEGIN; LOCK TABLE read_model.limited_v1');
    const answers = await Promise.all(Array.from({ length: TAKEN + 9 }, () => service.ask('?limit=1')));
    await held.query('COMMIT');
    held.release();
    expect(new Set(answers.map(kindOf))).toEqual(new Set(['503 queries-full 1', '503 query-timeout 5']));
    expect((await service.ask('?limit=1')).status).toBe(200);
  });

  it('are refused with 503 when too many wait for a position, and others are answered when it is there', async () => {
    const { partition, offset } = parsePosition(await topic.publish('Noted', 'a', {}));
    const next = `${topic.name}/${partition}/${offset + 1n}`;
    const waiting: Promise<QueryAnswer>[] = [];
    let refused: QueryAnswer | undefined;
    await waitFor('a query to be refused', async () => {
      const some = Array.from({ length: AT_ONCE }, () => service.ask(`/a?at-least=${next}`));
      waiting.push(...some);
      for (const each of some) void each.then((answer) => answer.status === 503 && (refused ??= answer));
      // As many rows are asked for as this one waits behind.
      await service.ask('/a');
      return refused;
    });
    expect(kindOf(refused!)).toBe('503 too-many-waiting 1');
    await topic.publish('Noted', 'a', {});
    // All of them ask for their row at once, and as many are answered as may wait for a connection.
    const kinds = (await Promise.all(waiting)).map(kindOf);
    expect(new Set(kinds)).toEqual(new Set(['200 row ', '503 queries-full 1', '503 too-many-waiting 1']));
  });
});
