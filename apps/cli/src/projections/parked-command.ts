import Table from 'cli-table3';
import type { Command } from 'commander';
import { print } from '../print';
import { clientFromEnvironment } from '../replay/client-from-environment';
import type { ParkedEvent } from '../replay/answers';
import { buildName, commandLine, count, counted, moment } from '../replay/wording';

interface JsonOption {
  readonly json?: boolean;
}

const json = ['--json', 'print JSON instead of text'] as const;

/** `millrace projections parked|retry|skip`: events that cannot be folded. */
export function addParkedCommands(projections: Command): void {
  projections
    .command('parked')
    .description('show the events that cannot be folded, what waits for them, and why')
    .argument('<projection>')
    .option('--after <next>', 'the page behind another one')
    .option(...json)
    .action(async (projection: string, options: JsonOption & { readonly after?: string }) => {
      const answer = await clientFromEnvironment().parked(projection, options.after);
      if (options.json === true) return print(JSON.stringify(answer));
      parkedLines(projection, answer.parked).forEach((line) => print(line));
      if (answer.next !== undefined)
        print(`more: ${commandLine(`projections parked ${projection} --after ${answer.next}`)}`);
    });
  projections
    .command('retry')
    .description('fold parked events again, after a corrected fold was deployed')
    .argument('<projection>')
    .option('--key <key>', 'the events of one key')
    .option('--position <position...>', 'these events: topic/partition/offset')
    .option('--all', 'all that are parked')
    .option(...json)
    .action(
      async (
        projection: string,
        { key, position: positions, all, ...options }: JsonOption & RetryOptions,
      ) => {
        const answer = await clientFromEnvironment().retryParked(projection, { key, positions, all });
        if (options.json === true) return print(JSON.stringify(answer));
        const what = [counted(answer.keys, 'key'), counted(answer.partitions, 'halted partition')];
        // One key that is parked in two builds is two.
        print(
          `in all builds of ${projection}: ${what.join(' and ')} folded again; to see what stays parked:`,
        );
        print(`  ${commandLine(`projections parked ${projection}`)}`);
      },
    );
  projections
    .command('skip')
    .description('go on without one event, for good, in this build and in every rebuild of its version')
    .argument('<projection>')
    .argument('<position>', 'topic/partition/offset')
    .requiredOption('--reason <text>', 'why; it is kept')
    .option(...json)
    .action(
      async (projection: string, position: string, options: JsonOption & { readonly reason: string }) => {
        const answer = await clientFromEnvironment().skipParked(projection, position, options.reason);
        if (options.json === true) return print(JSON.stringify(answer));
        const versions = answer.versions.map((version) => `version ${version}`).join(', ');
        print(`${projection} goes on without ${answer.skipped} in ${versions}`);
      },
    );
}

interface RetryOptions {
  readonly key?: string;
  readonly position?: readonly string[];
  readonly all?: true;
}

/** The table of parked events, and the reason of each. */
export function parkedLines(projection: string, parked: readonly ParkedEvent[]): string[] {
  if (parked.length === 0) return [`nothing of ${projection} is parked`];
  const table = new Table({
    head: ['build', 'state', 'key', 'event', 'waiting', 'since'],
    colAligns: ['left', 'left', 'left', 'left', 'right', 'left'],
    style: { head: [], border: [] },
  });
  for (const { key, position, events, since, state, retrying, ...build } of parked) {
    const waiting = key === null ? 'the partition' : count(events);
    table.push([
      ...[buildName(build), retrying ? `${state}, being folded again` : state],
      ...[key ?? '', position, waiting, moment(since)],
    ]);
  }
  return [table.toString(), ...parked.map(({ position, reason }) => `${position}: ${reason}`)];
}
