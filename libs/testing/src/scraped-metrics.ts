/** One series of a scrape. */
export interface ScrapedSeries {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const SERIES = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)/;
const COMMENT = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/;

/**
 * The series of an answer in Prometheus's text format 0.0.4, as an ingester reads them: strict, because the readers in npm take
 * any line, and drop the labels of histograms.
 * @throws Error for a line that is none, a family that is described twice, a series without its type, one that is there twice.
 */
export function readMetrics(text: string): ScrapedSeries[] {
  if (!text.endsWith('\n')) throw new Error('the last line has no end');
  const types = new Set<string>();
  const seen = new Set<string>();
  const all: ScrapedSeries[] = [];
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, kind, described = ''] = COMMENT.exec(line) ?? [];
    if (kind === 'TYPE' && types.has(described)) throw new Error(`${described} is described twice`);
    if (kind === 'TYPE') types.add(described);
    if (kind !== undefined) continue;
    const [, name = '', labels = '', value = ''] = SERIES.exec(line) ?? [];
    const family = name.replace(/_(bucket|sum|count)$/, '');
    if (!types.has(name) && !types.has(family)) throw new Error(`not a series of a known type: ${line}`);
    const series = { name, labels: readLabels(labels, line), value: readValue(value, line) };
    const identity = JSON.stringify([name, Object.entries(series.labels).toSorted()]);
    if (seen.has(identity)) throw new Error(`there twice: ${line}`);
    seen.add(identity);
    all.push(series);
  }
  return all;
}

/** The value of the one series of that name with these labels, whatever others it has; `undefined` when there is none. */
export function metricOf(
  all: readonly ScrapedSeries[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = all.filter(
    (series) =>
      series.name === name &&
      Object.entries(labels).every(([label, value]) => series.labels[label] === value),
  );
  if (found.length > 1)
    throw new Error(`${found.length} series are called ${name} with ${JSON.stringify(labels)}`);
  return found[0]?.value;
}

function readLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let rest = text; rest !== '';) {
    const [whole, name = '', value = ''] = LABEL.exec(rest) ?? [];
    if (whole === undefined || name in labels) throw new Error(`not labels: ${line}`);
    labels[name] = value.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
    rest = rest.slice(whole.length);
  }
  return labels;
}

/** As Go's ParseFloat, by which the format is defined: the client library writes `Nan`. */
function readValue(text: string, line: string): number {
  if (/^nan$/i.test(text)) return NaN;
  const infinite = /^([+-]?)inf$/i.exec(text);
  if (infinite !== null) return infinite[1] === '-' ? -Infinity : Infinity;
  const value = Number(text);
  if (Number.isNaN(value)) throw new Error(`not a value: ${line}`);
  return value;
}
