import { registerSchemas, RegistryClient } from '@millrace/schema-registry';
import {
  compactTopic,
  deleteRecordsBefore,
  growTopic,
  makeTopicAgain,
  serversUnderTest,
} from '@millrace/testing';
import { TrialReplay } from './trial-replay';

interface Refusal {
  readonly check: string;
  readonly where: string;
  readonly reason: string;
  readonly remedy: string;
}

// Each changes its topic for good, so each has a trial of its own.
describe('a rebuild is refused before it begins', () => {
  let trial: TrialReplay;

  beforeEach(async () => {
    trial = await TrialReplay.create();
    await trial.foldLive();
    expect((await trial.rebuild({ dryRun: true })).body['refusals']).toEqual([]);
  });
  afterEach(() => trial.remove());

  /** What it is refused for, the same when it is only planned; nothing was made. */
  async function expectRefused(check: string, where: string): Promise<Refusal> {
    const refused = await trial.rebuild();
    expect(refused).toMatchObject({ status: 422, body: { type: 'urn:millrace:problem:replay-refused' } });
    const refusals = refused.body['refusals'] as Refusal[];
    expect(refusals.map((each) => [each.check, each.where])).toEqual([[check, where]]);
    expect((await trial.rebuild({ dryRun: true })).body['refusals']).toEqual(refusals);
    expect((await trial.get('/v1/replays')).body['replays']).toEqual([]);
    expect(await trial.database.query('SELECT build FROM millrace.projection_build')).toEqual([{ build: 1 }]);
    return refusals[0]!;
  }

  it('when retention has taken offset zero', async () => {
    await trial.foldLive();
    await deleteRecordsBefore(trial.topic.name, 1, 1n);
    await expectRefused('log-start', `${trial.topic.name}/1`);
  });

  it('when the topic has another number of partitions', async () => {
    await growTopic(trial.topic.name, 3);
    await expectRefused('partition-count', trial.topic.name);
  });

  it('when the topic was made again, although it has grown past the live position since', async () => {
    await makeTopicAgain(trial.topic.name, 2);
    for (const partition of [0, 1]) {
      for (const _ of [1, 2]) {
        await trial.topic.publish('Paid', trial.topic.keyIn(partition), { amount: 1n });
      }
    }
    const refused = await trial.rebuild();
    const refusals = refused.body['refusals'] as Refusal[];
    expect(refusals.map(({ check, where }) => [check, where])).toEqual([
      ['topic-identity', `${trial.topic.name}/0`],
      ['topic-identity', `${trial.topic.name}/1`],
    ]);
  });

  it('when the topic is compacted and its events do not each say all', async () => {
    await compactTopic(trial.topic.name);
    expect(await expectRefused('compaction', trial.topic.name)).toMatchObject({
      remedy: expect.stringContaining('latestWins') as string,
    });
  });

  it('when a schema version that the log may hold cannot be read', async () => {
    const registry = new RegistryClient({ url: serversUnderTest().registryUrl });
    const [event] = trial.topic.catalogue.events;
    const schema = { ...event!.schema, fields: [{ name: 'amount', type: 'string' }] };
    const changed = {
      ...trial.topic.catalogue,
      events: [{ ...event!, schema }],
    } as typeof trial.topic.catalogue;
    await registerSchemas(changed, registry);
    expect(await expectRefused('schema', `${event!.subject} version 2`)).toMatchObject({
      reason: expect.stringContaining('cannot read "string" as "long"') as string,
    });
  });
});
