import Table from 'cli-table3';
import type { Run } from './answers';
import { activity, buildName, count, moment, permille, progressText, runName, standstill } from './wording';

const style = { head: [], border: [] };

/** The runs, newest first. */
export function runTable(runs: readonly Run[]): string {
  if (runs.length === 0) return 'there was no replay yet';
  const table = new Table({
    head: ['id', 'kind', 'projection', 'builds', 'state', 'folded', 'requested'],
    colAligns: ['right', 'left', 'left', 'left', 'left', 'right', 'left'],
    style,
  });
  for (const run of runs) {
    const folded = `${Math.floor(permille(run) / 10)}%`;
    const { id, kind, projection, requestedAt } = run;
    table.push([id, kind, projection, buildName(run), activity(run), folded, moment(requestedAt)]);
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
  return `${runName(run)} (${buildName(run)}): ${activity(run)}, ${progressText(run)}`;
}

function countIfKnown(value: string | null): string {
  return value === null ? 'not known' : count(value);
}
