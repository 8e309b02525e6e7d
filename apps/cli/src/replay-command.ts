import { Command } from 'commander';
import { print } from './print';
import { clientFromEnvironment } from './replay/client-from-environment';
import { describePlan } from './replay/describe-plan';
import { exitCodeHelp, exitCodes } from './replay/exit-code';
import { addRebuildCommand, version, wholeNumber } from './replay/rebuild-command';
import type { Action } from './replay/replay-client';
import { runDetails, runLine, runTable } from './replay/tables';
import { watchOnTerminal } from './replay/watch-on-terminal';

interface JsonOption {
  readonly json?: boolean;
}

const json = ['--json', 'print JSON instead of text'] as const;

const actions: Readonly<Record<Action, string>> = {
  pause: 'stop folding until resume; what is folded stays',
  resume: 'go on after a pause',
  cancel: 'give the replay up and drop the tables that it built',
  approve: 'let a build go live that waits for it: held, or with other rows of another logic',
};

const examples = `

Examples:
  millrace replay plan flight
  millrace replay rebuild flight --version 2 --watch
  millrace replay list --json
  millrace replay cancel 7`;

/** `millrace replay plan|rebuild|list|show|watch|pause|resume|cancel|approve`. */
export function replayCommand(): Command {
  const replay = new Command('replay')
    .description('build a projection again from the log beside the live one, prove it equal, and swap')
    .addHelpText('after', `${exitCodeHelp}${examples}`);
  addRebuildCommands(replay);
  addViewCommands(replay);
  for (const [action, description] of Object.entries(actions) as [Action, string][]) {
    replay
      .command(action)
      .description(description)
      .argument('<id>', 'of the replay', wholeNumber)
      .option(...json)
      .action(async (id: number, options: JsonOption) => {
        const run = await clientFromEnvironment().act(id, action);
        print(options.json === true ? JSON.stringify(run) : runLine(run));
      });
  }
  return replay;
}

function addRebuildCommands(replay: Command): void {
  replay
    .command('plan')
    .description('show what a rebuild would read and what was checked; exits with 2 when it would be refused')
    .argument('<projection>')
    .option(...version)
    .option(...json)
    .action(async (projection: string, options: JsonOption & { readonly version?: number }) => {
      const plan = await clientFromEnvironment().plan({ projection, version: options.version });
      if (options.json === true) print(JSON.stringify(plan));
      else describePlan(plan).forEach((line) => print(line));
      if (plan.refusals.length > 0) process.exitCode = exitCodes.refused;
    });
  addRebuildCommand(replay);
}

function addViewCommands(replay: Command): void {
  replay
    .command('list')
    .description('show the last replays, newest first')
    .option(...json)
    .action(async (options: JsonOption) => {
      const answer = await clientFromEnvironment().list();
      print(options.json === true ? JSON.stringify(answer) : runTable(answer.replays));
    });
  replay
    .command('show')
    .description('show one replay and its partitions')
    .argument('<id>', 'of the replay', wholeNumber)
    .option(...json)
    .action(async (id: number, options: JsonOption) => {
      const run = await clientFromEnvironment().run(id);
      if (options.json === true) print(JSON.stringify(run));
      else runDetails(run).forEach((line) => print(line));
    });
  replay
    .command('watch')
    .description('show the progress of a replay until it ends; Ctrl-C leaves it running')
    .argument('<id>', 'of the replay', wholeNumber)
    .option('--json', 'print one JSON object for each change')
    .addHelpText('after', exitCodeHelp)
    .action(async (id: number, options: JsonOption) => {
      const client = clientFromEnvironment();
      process.exitCode = await watchOnTerminal(client, await client.run(id), options);
    });
}
