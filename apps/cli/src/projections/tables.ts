import Table from 'cli-table3';
import type { BuildReport, Projection, Verification } from '../replay/answers';
import { ago, buildName, bytes, count, counted, duration, moment, percent } from '../replay/wording';

const style = { head: [], border: [] };
const UNKNOWN = '–';

/** The builds of every projection, then what is under way and what stands still. */
export function projectionTable(projections: readonly Projection[], nowMs: number): string {
  if (projections.length === 0) return 'no projection was started yet';
  const table = new Table({
    head: [
      'projection',
      'version',
      'build',
      'state',
      'lag',
      'lag time',
      'rate',
      'parked',
      'rows',
      'size',
      'verified',
    ],
    colAligns: [
      'left',
      ...Array<'right'>(2).fill('right'),
      'left',
      ...Array<'right'>(6).fill('right'),
      'left',
    ],
    style,
  });
  for (const projection of projections) {
    for (const build of projection.builds) {
      const isLive = build.state === 'live';
      table.push([
        projection.name,
        build.version,
        build.build,
        stateText(build),
        countIfKnown(build.lag),
        ...figures(build),
        isLive ? verifiedText(projection.lastVerification, nowMs) : '',
      ]);
    }
  }
  return [table.toString(), ...projections.flatMap((each) => [...underWay(each), ...standstills(each)])].join(
    '\n',
  );
}

/** Lag time, rate, parked keys, rows and size. */
function figures({ lagSeconds, recordsPerSecond, parked, rowsEstimated, tableBytes }: BuildReport): string[] {
  return [
    lagSeconds === null || lagSeconds === undefined ? UNKNOWN : duration(lagSeconds),
    recordsPerSecond === null || recordsPerSecond === undefined ? UNKNOWN : `${count(recordsPerSecond)}/s`,
    parked === undefined ? UNKNOWN : parkedText(parked),
    rowsEstimated === null || rowsEstimated === undefined ? UNKNOWN : `~ ${count(Math.round(rowsEstimated))}`,
    tableBytes === null || tableBytes === undefined ? UNKNOWN : bytes(tableBytes),
  ];
}

/** One build with its table, when it was made, and its partitions. */
export function buildLines(build: BuildReport): string[] {
  const [lagTime = '', rate = '', parked = '', rows = '', size = ''] = figures(build);
  const what = `${buildName(build)} is ${stateText(build)}: ${build.table}, since ${moment(build.createdAt)}`;
  const table = new Table({
    head: ['partition', 'position', 'log end', 'lag', 'lag time', 'state'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'left'],
    style,
  });
  for (const at of build.partitions ?? []) {
    const lag = at.lagSeconds === null ? UNKNOWN : duration(at.lagSeconds);
    const offsets = [at.nextOffset, at.logEnd, at.lag].map(countIfKnown);
    table.push([`${at.topic}/${at.partition}`, ...offsets, lag, at.state]);
  }
  return [
    what,
    `  lag ${countIfKnown(build.lag)}, lag time ${lagTime}, rate ${rate}, parked ${parked}, rows ${rows} (estimated), size ${size}`,
    ...(build.sample === undefined ? [] : [`  folds a sample of ${percent(build.sample.share)} of the keys`]),
    ...(table.length === 0 ? [] : [table.toString()]),
  ];
}

/** What is under way, in lines: `replay 7 of flight, a rebuild, is building`. */
export function underWay({ name, runs = [] }: Projection): string[] {
  return runs.map(({ id, kind, state, paused }) => {
    const what = kind === 'verify' ? 'a verification' : 'a rebuild';
    return `replay ${id} of ${name}, ${what}, is ${paused ? `paused while ${state}` : state}`;
  });
}

/** Where and why folding stands still. */
export function standstills({ name, builds }: Projection): string[] {
  return builds.flatMap((build) =>
    (build.partitions ?? [])
      .filter(({ reason }) => reason !== undefined)
      .map(
        ({ topic, partition, state, nextOffset, reason }) =>
          `${name}, ${buildName(build)}: ${topic}/${partition} is ${state} at offset ${nextOffset}: ${reason}`,
      ),
  );
}

/** `equal, 5 min 3 s ago`; `never`. */
export function verifiedText(found: Verification | null | undefined, nowMs: number): string {
  if (found === undefined || found === null) return 'never';
  const what = found.equal ? 'equal' : differText(found.keys);
  const share = found.share === undefined ? '' : ` in ${percent(found.share)}`;
  return `${what}${share}, ${ago(found.at, nowMs)}`;
}

/** Of rows that are equal, what is parked differs. */
function differText(keys: string): string {
  if (keys === '0') return 'parked keys differ';
  return `${counted(keys, 'key')} differ${keys === '1' ? 's' : ''}`;
}

/** `live`; `live, 2 halted`. */
function stateText({ state, partitions = [] }: BuildReport): string {
  const standing = Map.groupBy(
    partitions.filter(({ reason }) => reason !== undefined),
    (at) => at.state,
  );
  return [state, ...[...standing].map(([what, those]) => `${those.length} ${what}`)].join(', ');
}

/** `0`; `1 key (4 events)`. */
function parkedText({ keys, events }: NonNullable<BuildReport['parked']>): string {
  return keys === 0 ? '0' : `${counted(keys, 'key')} (${counted(events, 'event')})`;
}

function countIfKnown(value: string | null): string {
  return value === null ? UNKNOWN : count(value);
}
