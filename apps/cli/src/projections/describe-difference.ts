import type { Proof, Row } from '../replay/answers';
import { count, counted } from '../replay/wording';

export interface DifferenceWording {
  /** What the other side is called. Default: `rebuilt`. */
  readonly other?: string;
  /** How what differs stands out from the rest. Default: not at all. */
  readonly emphasise?: (text: string) => string;
}

type Differing = Proof['differing'];

/** What differs between two builds: how much, in which columns, and the first keys with both values of what differs. */
export function describeDifference(proof: Proof, wording: DifferenceWording = {}): string[] {
  const { other = 'rebuilt' } = wording;
  const { live, rebuilt, positions } = proof;
  const side = (name: string) => name.padEnd(Math.max('live'.length, other.length));
  return [
    `  ${side('live')}  ${counted(live.rows, 'row')}, digest ${live.digest}`,
    `  ${side(other)}  ${counted(rebuilt.rows, 'row')}, digest ${rebuilt.digest}`,
    `  at ${positions.join(', ') || 'the start of the log'}`,
    ...(proof.differing.keys === '0' ? ['  no key differs'] : describeKeys(proof.differing, wording)),
    ...describeParked(proof, other),
  ];
}

/** What is parked, where anything is: rows that lack events may be equal, and are not what the log says. */
function describeParked({ parked }: Proof, other: string): string[] {
  if (parked === undefined || parked.live + parked.rebuilt === 0) return [];
  const differing =
    parked.differing === 0
      ? 'behind the same events'
      : `${count(parked.differing)} not behind the same events`;
  return [`  parked keys: ${count(parked.live)} live, ${count(parked.rebuilt)} ${other}, ${differing}`];
}

/** The same without both sides as a whole. */
export function describeKeys(differing: Differing, wording: DifferenceWording = {}): string[] {
  const { other = 'rebuilt', emphasise = (text) => text } = wording;
  const { keys, changed, onlyLive, onlyRebuilt, columns = {}, examples } = differing;
  const rest = BigInt(keys) - BigInt(new Set(examples.map(({ key }) => key)).size);
  const counts = [
    `${count(changed)} changed`,
    `${count(onlyLive)} only live`,
    `${count(onlyRebuilt)} only ${other}`,
  ];
  const inColumns = Object.entries(columns).map(([name, rows]) => `${name} in ${counted(rows, 'row')}`);
  return [
    `  ${counted(keys, 'key')} differ${keys === '1' ? 's' : ''}: ${counts.join(', ')}`,
    ...(inColumns.length === 0 ? [] : [`  differing columns: ${inColumns.join(', ')}`]),
    ...examples.flatMap(({ key, partition, live, rebuilt }) => [
      `  ${key}${partition === undefined ? '' : ` (${partition})`}`,
      ...valueLines(live, rebuilt, other).map((line) => `    ${emphasise(line)}`),
    ]),
    ...(rest > 0n ? [`  … and ${counted(rest, 'more key')}`] : []),
  ];
}

function valueLines(live: Row | null, rebuilt: Row | null, other: string): string[] {
  if (live === null) return [`only ${other}: ${JSON.stringify(rebuilt)}`];
  if (rebuilt === null) return [`only live: ${JSON.stringify(live)}`];
  return Object.keys(live)
    .filter((name) => JSON.stringify(live[name]) !== JSON.stringify(rebuilt[name]))
    .map((name) => `${name}: live ${JSON.stringify(live[name])}, ${other} ${JSON.stringify(rebuilt[name])}`);
}
