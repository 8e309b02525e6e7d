import type { Histogram } from './histogram';

/** What tells one series of a metric from the others. A small set of values each: never a key, an id or a text. */
export type Labels = Readonly<Record<string, string>>;

export interface Series {
  readonly labels: Labels;
  readonly value: number;
}

interface Described {
  /** As Prometheus has it: lower case, words joined by `_`, the unit in it, `_total` at the end of a counter. */
  readonly name: string;
  readonly help: string;
}

/** One metric with all of its series, as it is at this moment. A series that is not known is left out. */
export type MetricFamily =
  | (Described & { readonly type: 'counter' | 'gauge'; readonly series: readonly Series[] })
  | (Described & {
      readonly type: 'histogram';
      readonly series: readonly { readonly labels: Labels; readonly histogram: Histogram }[];
    });

/** Asked at each scrape. It leaves out what it cannot find out soon, and does not throw for that. */
export type MetricSource = () => Promise<readonly MetricFamily[]>;
