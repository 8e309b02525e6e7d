import { PermanentError } from '@millrace/delivery';
import type { ConsumerGroupDefinition } from '@millrace/delivery';
import { metricOf, readMetrics, waitFor } from '@millrace/testing';
import type { ScrapedSeries } from '@millrace/testing';
import { TrialConsumer } from './trial-consumer';

describe('the metrics of the consumer', () => {
  let trial: TrialConsumer;

  const begin = async (declared: Partial<ConsumerGroupDefinition> = {}) => {
    trial = await TrialConsumer.create(declared);
  };

  afterEach(() => trial.remove());

  const labels = (partition: number) => ({
    messaging_system: 'kafka',
    messaging_consumer_group_name: trial.group.name,
    messaging_destination_name: trial.topic.name,
    messaging_destination_partition_id: String(partition),
  });
  const scrape = async () => {
    const { type, text } = await trial.read('/metrics');
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
    return readMetrics(text);
  };
  const until = (what: string, isSo: (series: ScrapedSeries[]) => boolean) =>
    waitFor(what, async () => {
      const series = await scrape();
      return isSo(series) && series;
    });

  it('count the records that are done and time their handlers, by group and partition', async () => {
    await begin();
    await Promise.all(['a', 'b', 'c', 'c'].map((id) => trial.order(1, id)));
    await trial.topic.publish('Noted', trial.topic.keyIn(1), { id: 'noted' });
    await trial.start();
    // The lag is read from PostgreSQL, a moment before the counters.
    const series = await until(
      'five records done',
      (all) =>
        metricOf(all, 'messaging_client_consumed_messages_total', labels(1)) === 5 &&
        metricOf(all, 'millrace_consumer_lag_records', labels(1)) === 0,
    );
    // A repeat and a type that is ignored go to no handler.
    expect(metricOf(series, 'messaging_process_duration_seconds_count', labels(1))).toBe(3);
    expect(metricOf(series, 'messaging_process_duration_seconds_bucket', { ...labels(1), le: '+Inf' })).toBe(
      3,
    );
    expect(metricOf(series, 'messaging_process_duration_seconds_sum', labels(1))).toBeGreaterThan(0);
    expect(metricOf(series, 'messaging_client_consumed_messages_total', labels(0))).toBe(0);
    for (const partition of [0, 1, 2]) {
      expect(metricOf(series, 'millrace_consumer_lag_records', labels(partition))).toBe(0);
      expect(metricOf(series, 'millrace_consumer_lag_seconds', labels(partition))).toBe(0);
      expect(metricOf(series, 'millrace_consumer_standing_still', labels(partition))).toBe(0);
      expect(metricOf(series, 'millrace_consumer_retries_total', labels(partition))).toBe(0);
    }
    expect(metricOf(series, 'process_cpu_seconds_total')).toBeGreaterThan(0);
  });

  it('show a partition that stands still: its lag in records and seconds, and its tries', async () => {
    await begin({ retry: { attempts: 1_000, initialMs: 20, maxMs: 100 } });
    trial.before = async ({ id }) => {
      if (id === 'bad') throw new Error('the seat map is closed');
    };
    const publishedFrom = Date.now();
    for (const id of ['good', 'bad', 'after']) await trial.order(0, id);
    await trial.start();
    const retries = (all: ScrapedSeries[]) =>
      metricOf(all, 'millrace_consumer_retries_total', labels(0)) ?? 0;
    const series = await until('several tries', (all) => retries(all) > 3);
    expect(metricOf(series, 'millrace_consumer_lag_records', labels(0))).toBe(2);
    const lagSeconds = metricOf(series, 'millrace_consumer_lag_seconds', labels(0));
    expect(lagSeconds).toBeGreaterThan(0);
    expect(lagSeconds).toBeLessThanOrEqual((Date.now() - publishedFrom) / 1_000);
    expect(metricOf(series, 'millrace_consumer_standing_still', labels(0))).toBe(1);
    const failed = { ...labels(0), error_type: '_OTHER' };
    expect(metricOf(series, 'messaging_process_duration_seconds_count', failed)).toBeGreaterThan(3);
    // And /v1/groups says the same to people.
    expect(await trial.shown(0)).toMatchObject({
      lag: '2',
      lagSeconds: expect.any(Number) as number,
      recordsPerSecond: expect.any(Number) as number,
    });
    const bounded = ['messaging_', 'dependency', 'state', 'error_type', 'le'];
    const names = series
      .filter(({ name }) => /^(messaging|millrace)_/.test(name))
      .flatMap((each) => Object.keys(each.labels));
    expect(names.filter((name) => !bounded.some((known) => name.startsWith(known)))).toEqual([]);
  });

  it('count what is parked and what is dead, and show what of it is there', async () => {
    await begin({ parking: { attempts: 1_000, initialMs: 10_000, maxMs: 20_000 } });
    trial.before = async ({ id }) => {
      if (id === 'bad') throw new Error('the seat map is closed');
      if (id === 'wrong') throw new PermanentError('there is no such flight');
    };
    for (const id of ['bad', 'behind']) await trial.order(0, id);
    await trial.order(0, 'wrong', 1);
    await trial.start();
    const series = await until(
      'three records to be out of the way',
      (all) =>
        metricOf(all, 'millrace_consumer_parked_records', labels(0)) === 2 &&
        metricOf(all, 'millrace_consumer_dead_records', labels(0)) === 1,
    );
    expect(metricOf(series, 'millrace_consumer_parked_keys', labels(0))).toBe(1);
    expect(metricOf(series, 'millrace_consumer_parkings_total', labels(0))).toBe(1);
    expect(metricOf(series, 'millrace_consumer_dead_letters_total', labels(0))).toBe(1);
    expect(metricOf(series, 'millrace_consumer_retries_total', labels(0))).toBeGreaterThanOrEqual(2);
    expect(metricOf(series, 'millrace_consumer_parked_records', labels(1))).toBe(0);
    expect(await trial.shown(0)).toMatchObject({ parked: { keys: 1, records: 2, dead: 1 } });
  });

  it('keep what the process knows by itself when the positions cannot be read', async () => {
    await begin();
    await trial.order(2, 'one');
    await trial.start();
    await until(
      'the order',
      (all) => metricOf(all, 'messaging_client_consumed_messages_total', labels(2)) === 1,
    );
    await trial.database.query('ALTER TABLE millrace.position RENAME TO position_away');
    const series = await scrape();
    expect(metricOf(series, 'messaging_client_consumed_messages_total', labels(2))).toBe(1);
    expect(metricOf(series, 'millrace_consumer_lag_records', labels(2))).toBeUndefined();
  });
});

describe('the groups of the consumer', () => {
  let trial: TrialConsumer;

  beforeAll(async () => {
    trial = await TrialConsumer.create();
    await trial.start();
  });

  afterAll(() => trial.remove());

  it('are shown one by one', async () => {
    await trial.order(0, 'one');
    const { body } = await waitFor('the order', async () => {
      const answer = await trial.get(`/v1/groups/${trial.group.name}`);
      return (
        (answer.body as { partitions: { nextOffset: string }[] }).partitions[0]?.nextOffset === '1' && answer
      );
    });
    expect(body).toMatchObject({
      ...{ name: trial.group.name, kind: 'transactional', lagObjectiveSeconds: null, replaySafe: false },
      state: 'joined',
      breakers: {},
      partitions: [
        {
          topic: trial.topic.name,
          partition: 0,
          state: 'running',
          lag: '0',
          lagSeconds: 0,
          parked: { keys: 0, records: 0, dead: 0 },
        },
        { partition: 1 },
        { partition: 2 },
      ],
    });
  });

  it('are named when another one is asked for', async () => {
    expect(await trial.get('/v1/groups/unheard-of')).toEqual({
      status: 404,
      body: expect.objectContaining({
        type: 'urn:millrace:problem:group-not-found',
        known: [trial.group.name],
      }) as unknown,
    });
  });
});
