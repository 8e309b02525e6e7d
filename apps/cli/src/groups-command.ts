import { defineConfiguration, parseConfiguration } from '@millrace/service';
import { Command } from 'commander';
import { consumerVariables } from './configuration';
import type { Group } from './groups/answers';
import { standingStill } from './groups/answers';
import { GroupsClient } from './groups/groups-client';
import { elsewhereNote, groupDetails, groupTable, hasElsewhere } from './groups/tables';
import { print } from './print';
import { exitCodes } from './replay/exit-code';

interface GroupsOptions {
  readonly json?: boolean;
  readonly check?: boolean;
}

const json = ['--json', 'print JSON instead of text'] as const;
const check = ['--check', 'exit with 4 when a partition that this consumer holds is held or halted'] as const;

const help = `
Exit codes:
  0  answered
  1  an error: the consumer does not answer, or hosts no such group
  4  with --check: a partition stands still

Examples:
  millrace groups list
  millrace groups show delay-alerts --check
  CONSUMER_URL=http://consumer-2:3002 millrace groups list --json`;

/** `millrace groups list|show`. */
export function groupsCommand(): Command {
  const groups = new Command('groups')
    .description('the consumer groups that a consumer hosts: how far they are, and what stands still')
    .addHelpText('after', help);
  groups
    .command('list')
    .description('show every group with its lag, rate and what it has parked')
    .option(...json)
    .option(...check)
    .action(async (options: GroupsOptions) => {
      const answer = await clientFromEnvironment().list();
      if (options.json === true) print(JSON.stringify(answer));
      else show([groupTable(answer.groups)], answer.groups);
      checkStanding(answer.groups, options);
    });
  groups
    .command('show')
    .description('show the partitions of one group, and why one stands still')
    .argument('<group>')
    .option(...json)
    .option(...check)
    .action(async (name: string, options: GroupsOptions) => {
      const group = await clientFromEnvironment().show(name);
      if (options.json === true) print(JSON.stringify(group));
      else show(groupDetails(group), [group]);
      checkStanding([group], options);
    });
  return groups;
}

function show(lines: readonly string[], groups: readonly Group[]): void {
  lines.forEach((line) => print(line));
  if (hasElsewhere(groups)) print(elsewhereNote);
}

function checkStanding(groups: readonly Group[], options: GroupsOptions): void {
  if (options.check === true && groups.some((group) => standingStill(group).length > 0)) {
    process.exitCode = exitCodes.halted;
  }
}

function clientFromEnvironment(): GroupsClient {
  const { CONSUMER_URL } = parseConfiguration(defineConfiguration(consumerVariables), process.env);
  return new GroupsClient(CONSUMER_URL);
}
