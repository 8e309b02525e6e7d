import { collectDefaultMetrics, Registry } from '@prometheus-io/client';
import type { Metric } from '@prometheus-io/client';
import type { MetricFamily, MetricSource } from './metric-family';

/** One line of the text: a value with its labels, under the family's name unless it has another one. */
interface Line {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

let processMetrics: Registry | undefined;

/** Of the process, whatever runs in it: CPU, memory, garbage collection, delay of the event loop. Observed from now on. */
function metricsOfProcess(): Registry {
  if (processMetrics === undefined) {
    processMetrics = new Registry();
    collectDefaultMetrics({ register: processMetrics });
  }
  return processMetrics;
}

/** The metrics of one service: those of its process, and those of its sources. */
export class Metrics {
  static readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;
  private readonly process = metricsOfProcess();
  private sources: readonly MetricSource[] = [];

  set(sources: readonly MetricSource[]): void {
    this.sources = sources;
  }

  /** Everything as it is now, in Prometheus's text format 0.0.4. Rejects when a source does. */
  async text(): Promise<string> {
    const families = (await Promise.all(this.sources.map((source) => source()))).flat();
    const texts = families.filter(({ series }) => series.length > 0).map((family) => this.render(family));
    return [await this.process.metrics(), ...(await Promise.all(texts)), ''].join('\n');
  }

  /** The registry writes whatever has a name, a help, a type and values; its types name its own classes alone. */
  private render(family: MetricFamily): Promise<string> {
    const { name, help, type } = family;
    const values = linesOf(family);
    const metric = { name, help, type, get: () => Promise.resolve({ name, help, type, values }) };
    return this.process.getMetricsAsString(metric as unknown as Metric);
  }
}

function linesOf(family: MetricFamily): Line[] {
  if (family.type !== 'histogram') return [...family.series];
  return family.series.flatMap(({ labels, histogram }) => [
    ...histogram.cumulative().map(({ le, count }) => ({
      metricName: `${family.name}_bucket`,
      labels: { ...labels, le },
      value: count,
    })),
    { metricName: `${family.name}_sum`, labels, value: histogram.sum },
    { metricName: `${family.name}_count`, labels, value: histogram.count },
  ]);
}
