import Table from 'cli-table3';
import type { Plan } from './answers';
import { buildName, count, counted, refusalLines } from './wording';

/** A dry run for a person: what would be read, what was checked, and each refusal with its way out. */
export function describePlan(plan: Plan): string[] {
  const { projection, version, partitions, events, checks, refusals } = plan;
  const table = new Table({
    head: ['partition', 'from', 'to', 'events'],
    colAligns: ['left', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { topic, partition, from, to } of partitions) {
    table.push([`${topic}/${partition}`, count(from), count(to), count(BigInt(to) - BigInt(from))]);
  }
  return [
    `rebuild of ${projection}, version ${version}, ${beside(plan)}`,
    table.toString(),
    `would read ${counted(events, 'event')}`,
    'checked:',
    ...checks.map((sentence) => `  - ${sentence}`),
    ...(refusals.length === 0
      ? ['nothing speaks against it']
      : ['refused:', ...refusals.flatMap(refusalLines)]),
  ];
}

function beside({ replaces, sameLogic }: Plan): string {
  if (replaces === null) return 'with no live build to compare it with';
  const logic = sameLogic ? 'the same logic' : 'another logic: the difference will wait for approval';
  return `beside the live ${buildName(replaces)} (${logic})`;
}
