import Table from 'cli-table3';
import { count, duration } from '../replay/wording';
import { standingStill } from './answers';
import type { Group, GroupPartition } from './answers';

const style = { head: [], border: [] };
const UNKNOWN = '–';

/** The groups of one process, a row for each. */
export function groupTable(groups: readonly Group[]): string {
  if (groups.length === 0) return 'this consumer hosts no group';
  const table = new Table({
    head: ['group', 'state', 'partitions', 'lag', 'lag time', 'rate', 'parked', 'dead', 'standing still'],
    colAligns: ['left', 'left', 'left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style,
  });
  for (const group of groups) {
    const { name, state, partitions } = group;
    const elsewhere = partitions.filter((at) => at.state === 'elsewhere').length;
    table.push([
      name,
      state,
      `${partitions.length}${elsewhere === 0 ? '' : `, ${elsewhere} elsewhere`}`,
      partitions.length === 0 ? UNKNOWN : count(sum(partitions.map(({ lag }) => BigInt(lag)))),
      longestLag(partitions),
      totalRate(partitions),
      parkedText(parkedOf(partitions)),
      deadText(parkedOf(partitions)),
      standingStill(group).length,
    ]);
  }
  return table.toString();
}

/** One group, a row for each partition, and why a partition stands still. */
export function groupDetails(group: Group): string[] {
  const table = new Table({
    head: ['partition', 'state', 'position', 'log end', 'lag', 'lag time', 'rate', 'parked', 'dead'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
    style,
  });
  for (const at of group.partitions) {
    const offsets = [at.nextOffset, at.logEnd, at.lag].map(count);
    const parked = [parkedText(at.parked), deadText(at.parked)];
    const times = [longestLag([at]), totalRate([at])];
    table.push([`${at.topic}/${at.partition}`, at.state, ...offsets, ...times, ...parked]);
  }
  const breakers = Object.entries(group.breakers).map(
    ([name, state]) => `the breaker of ${name} is ${state}`,
  );
  return [
    `${group.name} is ${group.state}${group.reason === undefined ? '' : `: ${group.reason}`}`,
    ...(group.partitions.length === 0 ? [] : [table.toString()]),
    ...objectiveOf(group),
    ...breakers,
    ...group.partitions.filter(({ reason }) => reason !== undefined).map(standstill),
  ];
}

/** Whether a group that says how far behind it may be is further. */
function objectiveOf({ lagObjectiveSeconds, partitions }: Group): string[] {
  if (lagObjectiveSeconds === null) return [];
  const late = partitions.filter(({ lagSeconds }) => lagSeconds !== null && lagSeconds > lagObjectiveSeconds);
  const objective = `its objective is to be ${duration(lagObjectiveSeconds)} behind at most`;
  return [late.length === 0 ? objective : `${objective}: ${late.length} partitions are further behind`];
}

/** Said below a table that has such partitions. */
export const elsewhereNote =
  'elsewhere: another process of the group holds the partition, or nobody does; only that process knows its state,\n' +
  'lag time and rate. Positions, lag and what is parked are of all processes.';

export function hasElsewhere(groups: readonly Group[]): boolean {
  return groups.some(({ partitions }) => partitions.some(({ state }) => state === 'elsewhere'));
}

function standstill({ topic, partition, state, nextOffset, reason }: GroupPartition): string {
  return `${topic}/${partition} is ${state} at offset ${nextOffset}: ${reason}`;
}

/** The longest that is known; with `≥` when one that is not known could be longer. */
function longestLag(partitions: readonly GroupPartition[]): string {
  const known = partitions.flatMap(({ lagSeconds }) => (lagSeconds === null ? [] : [lagSeconds]));
  const longest = Math.max(0, ...known);
  if (known.length === partitions.length) return partitions.length === 0 ? UNKNOWN : duration(longest);
  return longest === 0 ? UNKNOWN : `≥ ${duration(longest)}`;
}

/** Of this process. */
function totalRate(partitions: readonly GroupPartition[]): string {
  const known = partitions.flatMap(({ recordsPerSecond }) => recordsPerSecond ?? []);
  if (known.length === 0) return UNKNOWN;
  const rate = known.reduce((total, each) => total + each, 0);
  return `${rate >= 10 ? count(Math.round(rate)) : Number(rate.toFixed(1))}/s`;
}

function parkedOf(partitions: readonly GroupPartition[]): GroupPartition['parked'] | undefined {
  if (partitions.length === 0) return undefined;
  const total = (of: 'keys' | 'records' | 'dead') =>
    partitions.reduce((all, { parked }) => all + parked[of], 0);
  return { keys: total('keys'), records: total('records'), dead: total('dead') };
}

function parkedText(parked: GroupPartition['parked'] | undefined): string {
  if (parked === undefined) return UNKNOWN;
  const { records, keys } = parked;
  return records === 0 ? '0' : `${count(records)} of ${count(keys)} ${keys === 1 ? 'key' : 'keys'}`;
}

function deadText(parked: GroupPartition['parked'] | undefined): string {
  return parked === undefined ? UNKNOWN : count(parked.dead);
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, each) => total + each, 0n);
}
