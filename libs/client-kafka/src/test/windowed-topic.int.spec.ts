import { readLog, serversUnderTest, TrialTopic } from '@millrace/testing';
import { kafkaPublisher } from '../index';

describe('a publisher straight to Kafka', () => {
  it('refuses events of a topic with an idempotency window, which it could not keep', async () => {
    const trial = await TrialTopic.create({ Weighed: [{ name: 'grams', type: 'int' }] });
    const { brokers, registryUrl } = serversUnderTest();
    const topics = trial.catalogue.topics.map((topic) => ({ ...topic, idempotency: { windowMs: 60_000 } }));
    const catalogue = { ...trial.catalogue, topics };
    await using publisher = await kafkaPublisher({ brokers, registryUrl, source: '/specs', catalogue });
    await expect(publisher.publish(trial.event('Weighed'), { grams: 1 })).rejects.toMatchObject({
      code: 'PUBLISH_REFUSED',
      outcome: 'refused',
      retriable: false,
      message: expect.stringContaining('over HTTP') as string,
    });
    expect(await readLog(trial.name)).toEqual([]);
    await trial.close();
  });
});
