import { deadLetterTopic, PermanentError } from '@millrace/delivery';
import type { ConsumerGroupDefinition } from '@millrace/delivery';
import { readLog, waitFor } from '@millrace/testing';
import { TrialConsumer } from './trial-consumer';

describe('a dead letter that is older than its group keeps it', () => {
  let trial: TrialConsumer;
  afterEach(() => trial.remove());

  const begin = async (declared: Partial<ConsumerGroupDefinition>) => {
    trial = await TrialConsumer.create({ deadLetterRetentionDays: 1 / 86_400, ...declared });
    trial.retentionEveryMs = 50;
    trial.before = async ({ id }) => {
      if (id.startsWith('bad')) throw new PermanentError('there is no such flight');
    };
    await trial.order(0, 'bad');
    await trial.order(0, 'behind');
    await trial.order(0, 'bad-too', 1);
    await trial.start();
  };
  const copies = (count: number) =>
    waitFor(`${count} copies`, async () => {
      const found = await readLog(deadLetterTopic(trial.group.name)).catch(() => []);
      return found.length === count && found;
    });

  it('is removed once others can read it in the topic of dead letters', async () => {
    await begin({ deadKey: 'release' });
    await waitFor('both to be removed', async () => {
      const effects = await trial.effects(0);
      return effects.length === 1 && (await trial.parked()).length === 0;
    });
    expect((await copies(2)).map(({ key }) => key).sort()).toEqual(
      [trial.topic.keyIn(0), trial.topic.keyIn(0, 1)].sort(),
    );
  });

  it('stays while it holds its key, with what waits behind it; discarded, its key goes on', async () => {
    await begin({ deadKey: 'fence' });
    await copies(2);
    await waitFor('them to be past their time', async () => {
      const shown = await trial.get(`/v1/groups/${trial.group.name}`);
      const { partitions } = shown.body as { partitions: { parked: { oldestDeadSeconds: number } }[] };
      return (partitions[0]?.parked.oldestDeadSeconds ?? 0) > 2;
    });
    expect((await trial.parked()).map(({ id, state }) => `${id} ${state}`)).toEqual([
      'bad dead',
      'behind queued',
      'bad-too dead',
    ]);
    await trial.post(`/v1/groups/${trial.group.name}/parked/discard`, {
      key: trial.topic.keyIn(0),
      state: 'dead',
    });
    await waitFor('the order behind it', async () => (await trial.effects(0)).includes('behind'));
  });
});
