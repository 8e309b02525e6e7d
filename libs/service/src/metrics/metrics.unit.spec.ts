import { metricOf, readMetrics } from '@millrace/testing';
import { Histogram } from './histogram';
import type { MetricFamily } from './metric-family';
import { Metrics } from './metrics';

async function scrape(...families: MetricFamily[]): Promise<ReturnType<typeof readMetrics>> {
  const metrics = new Metrics();
  metrics.set([() => Promise.resolve(families)]);
  return readMetrics(await metrics.text());
}

describe('the metrics of a service', () => {
  it('have those of the process, without any source', async () => {
    const series = readMetrics(await new Metrics().text());
    expect(metricOf(series, 'process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
    expect(metricOf(series, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
  });

  it('have every series of a source, whatever its labels contain', async () => {
    const odd = 'a "b"\\n,c="d"\n}';
    const series = await scrape(
      {
        name: 'doors_total',
        help: 'Doors,\nopened.',
        type: 'counter',
        series: [{ labels: { odd }, value: 3 }],
      },
      {
        name: 'doors_open',
        help: 'Doors.',
        type: 'gauge',
        series: [
          { labels: { at: 'left' }, value: 0.5 },
          { labels: {}, value: 0 },
        ],
      },
    );
    expect(series.filter(({ name }) => name.startsWith('doors'))).toEqual([
      { name: 'doors_total', labels: { odd }, value: 3 },
      { name: 'doors_open', labels: { at: 'left' }, value: 0.5 },
      { name: 'doors_open', labels: {}, value: 0 },
    ]);
  });

  it('have the buckets, the sum and the count of a histogram', async () => {
    const histogram = new Histogram([0.1, 1]);
    for (const value of [0.1, 0.5, 7]) histogram.observe(value);
    const labels = { door: 'left' };
    const series = await scrape({
      name: 'open_seconds',
      help: 'Time.',
      type: 'histogram',
      series: [{ labels, histogram }],
    });
    expect(series.filter(({ name }) => name.startsWith('open_seconds'))).toEqual([
      { name: 'open_seconds_bucket', labels: { door: 'left', le: '0.1' }, value: 1 },
      { name: 'open_seconds_bucket', labels: { door: 'left', le: '1' }, value: 2 },
      { name: 'open_seconds_bucket', labels: { door: 'left', le: '+Inf' }, value: 3 },
      { name: 'open_seconds_sum', labels, value: 7.6 },
      { name: 'open_seconds_count', labels, value: 3 },
    ]);
  });

  it('leave a family out that has no series', async () => {
    const metrics = new Metrics();
    metrics.set([() => Promise.resolve([{ name: 'none', help: 'None.', type: 'gauge', series: [] }])]);
    expect(await metrics.text()).not.toContain('none');
  });
});
