import { metricOf, readMetrics, waitFor } from '@millrace/testing';
import { TrialConsumer } from './trial-consumer';

/** As short as Kafka lets them be. */
const ENVIRONMENT = { KAFKA_SESSION_TIMEOUT_MS: '6000', STALL_TIMEOUT_MS: '6000' };

describe('a partition in which nothing is done any more', () => {
  let trial: TrialConsumer;
  let release: () => void = () => undefined;

  beforeEach(async () => {
    trial = await TrialConsumer.create();
    const gate = new Promise<void>((resolve) => (release = resolve));
    trial.before = async ({ id }) => {
      if (id === 'endless') await gate;
    };
  });

  afterEach(async () => {
    release();
    await trial.remove();
  });

  const stalled = async (partition: number) => {
    const series = readMetrics((await trial.read('/metrics')).text);
    const labels = {
      messaging_system: 'kafka',
      messaging_consumer_group_name: trial.group.name,
      messaging_destination_name: trial.topic.name,
      messaging_destination_partition_id: String(partition),
    };
    return metricOf(series, 'millrace_consumer_stalled', labels);
  };

  it('is told of by health, metrics and the group, with what is known, until its handler comes back', async () => {
    await trial.start(ENVIRONMENT);
    for (const id of ['before', 'endless', 'behind']) await trial.order(0, id);
    await trial.order(1, 'elsewhere');
    const shown = await waitFor('the stall', async () => {
      const found = await trial.shown(0);
      return found?.state === 'stalled' && found;
    });
    const [nextOffset, logEnd] = [shown.nextOffset, 3];
    expect(shown.reason).toMatch(
      new RegExp(
        `^group/${trial.group.name} at ${trial.topic.name}/0/${nextOffset} has not moved for \\d+ s while the log ` +
          `goes on to ${logEnd}: its handler has not come back`,
      ),
    );
    const ready = await trial.get('/health/ready');
    expect(ready.status).toBe(503);
    expect(JSON.stringify(ready.body)).toContain('1 of 3 partitions stand still: group/');
    expect([await stalled(0), await stalled(1), await stalled(2)]).toEqual([1, 0, 0]);
    expect(await trial.effects(1)).toEqual(['elsewhere']);

    release();
    await waitFor('health', async () => (await trial.get('/health/ready')).status === 200);
    expect(await stalled(0)).toBe(0);
    await waitFor('the orders', async () => (await trial.effects(0)).length === 3);
  });
});
