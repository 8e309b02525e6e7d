import { deleteRecordsBefore, growTopic, makeTopicAgain, waitFor } from '@millrace/testing';
import { TrialConsumer } from './trial-consumer';

/** A log that is not what it was: the partition stands still and says why, instead of being silently wrong. */
describe('the consumer, when the log has changed under it,', () => {
  let trial: TrialConsumer;

  beforeEach(async () => {
    trial = await TrialConsumer.create();
  });

  afterEach(() => trial.remove());

  const takeOrders = async (partition: number, count: number) => {
    const ids = Array.from({ length: count }, (_, index) => `order-${partition}-${index}`);
    await Promise.all(ids.map((id) => trial.order(partition, id)));
    await waitFor('the orders', async () => (await trial.effects(partition)).length === count);
  };
  const halted = (partition: number) =>
    waitFor(`partition ${partition} to halt`, async () => {
      const shown = await trial.shown(partition);
      return shown?.state === 'halted' && shown.reason;
    });

  it('halts at a topic that was deleted and made again while it ran, as soon as records come', async () => {
    await trial.start();
    await takeOrders(0, 10);
    await makeTopicAgain(trial.topic.name, 3);
    for (let index = 0; index < 3; index++) {
      await waitFor('the new topic to take records', async () => {
        await trial.order(0, `new-${index}`);
        return true;
      });
    }
    expect(await halted(0)).toContain('beyond the end of the log');
    expect(await trial.effects(0)).toHaveLength(10);
  });

  it('halts at a topic that was made again while it was away, though the log is long enough', async () => {
    await trial.start();
    await takeOrders(0, 5);
    await trial.stop();
    await makeTopicAgain(trial.topic.name, 3);
    for (let index = 0; index < 8; index++) {
      await waitFor('the new topic to take records', async () => {
        await trial.order(0, `new-${index}`);
        return true;
      });
    }
    await trial.start();
    expect(await halted(0)).toContain('the topic was deleted and made again');
    expect(await trial.effects(0)).toHaveLength(5);
    expect((await trial.get('/health/ready')).status).toBe(503);
  });

  it('halts when retention has taken records that it had not done', async () => {
    await trial.start();
    await takeOrders(0, 5);
    await trial.stop();
    for (let index = 0; index < 5; index++) await trial.order(0, `late-${index}`);
    await deleteRecordsBefore(trial.topic.name, 0, 8n);
    await trial.start();
    expect(await halted(0)).toMatch(/stored position 5 .* no longer retained, the log starts at 8/);
  });

  it('halts in every partition, the new ones too, of a topic that was given more partitions while it ran', async () => {
    await trial.start();
    await takeOrders(0, 2);
    await takeOrders(1, 2);
    await growTopic(trial.topic.name, 5);
    await trial.stop();
    await trial.start();
    for (const partition of [0, 4]) {
      expect(await halted(partition)).toMatch(/has 5 partitions, and had 3/);
    }
  });

  it('halts everywhere when the topic is given more partitions while it runs, and health says so', async () => {
    await trial.start();
    await takeOrders(0, 2);
    await growTopic(trial.topic.name, 4);
    for (const partition of [0, 1, 2, 3]) {
      expect(await halted(partition)).toMatch(/has 4 partitions, and had 3/);
    }
    const { status, body } = await trial.get('/health/ready');
    expect(status).toBe(503);
    expect(JSON.stringify(body)).toContain('4 of 4 partitions stand still');
  });
});
