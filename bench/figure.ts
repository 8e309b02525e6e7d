import { spreadOf } from './statistics';
import type { Spread } from './statistics';

/** What one round of a contestant gave, by metric. */
export type Measured = Readonly<Record<string, number>>;

/** Ours or a peer, ready to be measured again and again. */
export interface Contestant {
  readonly name: string;
  /** How it is set up, for the reader. */
  readonly settings: string;
  /** Measures once. */
  round(): Promise<Measured>;
  close(): Promise<void>;
}

/** A number that a figure measures. */
export interface Metric {
  /** Its key in `Measured`. */
  readonly key: string;
  /** Its name in the output, such as `ndjson-ingest`. */
  readonly name: string;
  readonly unit: string;
}

/** Several rounds of ours and of peers, by contestant. */
export type Rounds = ReadonlyMap<string, readonly Measured[]>;

/** What a figure came to: the medians, and ours divided by each peer's. */
export interface FigureResult {
  readonly name: string;
  readonly unit: string;
  readonly ours: number;
  readonly peers: Readonly<Record<string, number>>;
  readonly ratio: Readonly<Record<string, number>>;
}

/** Those contestants that measure it: what ours does beyond a peer, such as a swap, has no number there. */
export function measuring({ key }: Metric, rounds: Rounds): Rounds {
  return new Map([...rounds].filter(([, each]) => each.length === 0 || each.some((one) => key in one)));
}

/** @throws RangeError when a contestant has no round. */
export function resultOf(metric: Metric, rounds: Rounds, ours: string): FigureResult {
  const medians = [...rounds].map(([name, each]) => [name, round(spreadIn(metric, each).median)] as const);
  const own = Object.fromEntries(medians)[ours] ?? Number.NaN;
  const peers = medians.filter(([name]) => name !== ours);
  return {
    name: metric.name,
    unit: metric.unit,
    ours: own,
    peers: Object.fromEntries(peers),
    ratio: Object.fromEntries(peers.map(([name, median]) => [name, Number((own / median).toFixed(3))])),
  };
}

/** The line of a figure that programs read. */
export function benchLine(result: FigureResult): string {
  return `BENCH ${JSON.stringify(result)}`;
}

/** The line of a contestant that people read. */
export function spreadLine(metric: Metric, name: string, rounds: readonly Measured[]): string {
  const { median, min, max } = spreadIn(metric, rounds);
  const [middle, low, high] = [median, min, max].map((value) => round(value).toLocaleString('en-US'));
  return `  ${name.padEnd(28)} ${middle} ${metric.unit} (${low}–${high}, ${rounds.length} rounds)`;
}

function spreadIn({ key }: Metric, rounds: readonly Measured[]): Spread {
  return spreadOf(rounds.map((each) => each[key] ?? Number.NaN));
}

/** Large numbers to whole ones, small ones to two places. */
function round(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toFixed(2));
}
