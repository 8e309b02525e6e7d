import Table from 'cli-table3';
import type { Projection, Run } from './answers';
import { activity, buildName, count, permille, progressText, standstill } from './wording';

const style = { head: [], border: [] };

/** The runs, newest first. */
export function runTable(runs: readonly Run[]): string {
  if (runs.length === 0) return 'there was no replay yet';
  const table = new Table({
    head: ['id', 'projection', 'builds', 'state', 'folded', 'requested'],
    colAligns: ['right', 'left', 'left', 'left', 'right', 'left'],
    style,
  });
  for (const run of runs) {
    const folded = `${Math.floor(permille(run) / 10)}%`;
    table.push([run.id, run.projection, buildName(run), activity(run), folded, moment(run.requestedAt)]);
  }
  return table.toString();
}

/** One run with its partitions. */
export function runDetails(run: Run): string[] {
  const table = new Table({
    head: ['partition', 'from', 'position', 'target', 'log end', 'state'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'left'],
    style,
  });
  const { partitions } = run.progress;
  for (const { topic, partition, from, position, target, logEnd, state } of partitions) {
    const offsets = [from, position, target, logEnd].map(countIfKnown);
    table.push([`${topic}/${partition}`, ...offsets, state]);
  }
  return [
    runLine(run),
    ...(run.reason ? [`  ${run.reason}`] : []),
    table.toString(),
    ...partitions.filter(({ reason }) => reason).map(standstill),
  ];
}

/** `replay 7 of flight (version 1, build 2): building, 4,000 of 40,000 events, 9,000/s, 3 s left`. */
export function runLine(run: Run): string {
  return `replay ${run.id} of ${run.projection} (${buildName(run)}): ${activity(run)}, ${progressText(run)}`;
}

/** The builds of every projection. */
export function projectionTable(projections: readonly Projection[]): string {
  if (projections.length === 0) return 'no projection was started yet';
  const table = new Table({
    head: ['projection', 'version', 'build', 'state', 'lag', 'table', 'since'],
    colAligns: ['left', 'right', 'right', 'left', 'right', 'left', 'left'],
    style,
  });
  for (const { name, builds } of projections) {
    for (const { version, build, state, lag, table: stored, createdAt } of builds) {
      table.push([name, version, build, state, countIfKnown(lag), stored, moment(createdAt)]);
    }
  }
  return table.toString();
}

function countIfKnown(value: string | null): string {
  return value === null ? 'not known' : count(value);
}

/** `2026-11-24 02:10:05Z`. */
function moment(iso: string): string {
  return iso.replace('T', ' ').replace(/\.\d+Z$/, 'Z');
}
