import { Command } from 'commander';
import { print } from './print';
import { describeDifference } from './projections/describe-difference';
import { describeProjection } from './projections/describe-projection';
import { addParkedCommands } from './projections/parked-command';
import { parseSample } from './projections/parse-sample';
import { projectionTable } from './projections/tables';
import type { Sample } from './replay/answers';
import { clientFromEnvironment } from './replay/client-from-environment';
import { swapLine } from './replay/describe-end';
import { exitCodeHelp } from './replay/exit-code';
import { addRebuildCommand, showBegun } from './replay/rebuild-command';
import type { BegunOptions } from './replay/rebuild-command';
import { runLine } from './replay/tables';
import { emphasis, watchOnTerminal } from './replay/watch-on-terminal';
import { buildName, commandLine } from './replay/wording';

interface JsonOption {
  readonly json?: boolean;
}

const json = ['--json', 'print JSON instead of text'] as const;

const examples = `

Examples:
  millrace projections list
  millrace projections verify flight --sample 1% --watch
  millrace projections rebuild flight --hold --watch
  millrace projections diff flight
  millrace projections swap flight
  millrace projections rollback flight
  millrace projections release flight --json
  millrace projections parked flight
  millrace projections skip flight flights/3/1742 --reason 'was never booked'`;

/** `millrace projections list|show|rebuild|diff|swap|verify|rollback|release|parked|retry|skip`. */
export function projectionsCommand(): Command {
  const projections = new Command('projections')
    .description('how the projections are doing; rebuild, compare, swap and verify them')
    .addHelpText('after', `${exitCodeHelp}${examples}`);
  addViewCommands(projections);
  addRebuildCommand(projections);
  addComparisonCommands(projections);
  addVerifyCommand(projections);
  addBuildCommands(projections);
  addParkedCommands(projections);
  return projections;
}

function addViewCommands(projections: Command): void {
  projections
    .command('list')
    .description('show every build with its version, state, lag, rate, size and last verification')
    .option(...json)
    .action(async (options: JsonOption) => {
      const answer = await clientFromEnvironment().projections();
      print(options.json === true ? JSON.stringify(answer) : projectionTable(answer.projections, Date.now()));
    });
  projections
    .command('show')
    .description('show one projection: its definition, builds and partitions, and its last verification')
    .argument('<projection>')
    .option(...json)
    .action(async (projection: string, options: JsonOption) => {
      const answer = await clientFromEnvironment().projection(projection);
      if (options.json === true) print(JSON.stringify(answer));
      else describeProjection(answer, Date.now()).forEach((line) => print(line));
    });
}

function addComparisonCommands(projections: Command): void {
  projections
    .command('diff')
    .description('show what differs between the live build and the rebuilt one that waits')
    .argument('<projection>')
    .option(...json)
    .action(async (projection: string, options: JsonOption) => {
      const run = await clientFromEnvironment().diff(projection);
      if (options.json === true) return print(JSON.stringify(run));
      const emphasise = emphasis();
      print(runLine(run));
      if (run.proof) {
        const lines = describeDifference(run.proof, emphasise === undefined ? {} : { emphasise });
        lines.forEach((line) => print(line));
      }
      if (run.state !== 'review') return;
      print('To let it go live, or not:');
      print(`  ${commandLine(`projections swap ${projection}`)}`);
      print(`  ${commandLine(`replay cancel ${run.id}`)}`);
    });
  projections
    .command('swap')
    .description('let the rebuilt build that waits go live, and wait until it does')
    .argument('<projection>')
    .option('--json', 'print one JSON object for each change')
    .addHelpText('after', exitCodeHelp)
    .action(async (projection: string, options: JsonOption) => {
      const client = clientFromEnvironment();
      process.exitCode = await watchOnTerminal(client, await client.swap(projection), options);
    });
}

function addVerifyCommand(projections: Command): void {
  projections
    .command('verify')
    .description('check the live rows against the log, without touching them')
    .argument('<projection>')
    .option(
      '--sample <share>',
      'a share of the keys such as 1%, or about so many of them, such as 200',
      parseSample,
    )
    .option('--watch', 'show its progress until it ends')
    .option('--json', 'print the replay as JSON; with --watch one object for each change')
    .addHelpText('after', exitCodeHelp)
    .action(async (projection: string, options: BegunOptions & { readonly sample?: Sample }) => {
      const client = clientFromEnvironment();
      const request = { projection, ...(options.sample === undefined ? {} : { sample: options.sample }) };
      await showBegun(client, await client.verify(request), options);
    });
}

function addBuildCommands(projections: Command): void {
  projections
    .command('rollback')
    .description('make the build before live again; the one that is live now is kept in its place')
    .argument('<projection>')
    .option(...json)
    .action(async (projection: string, options: JsonOption) => {
      const answer = await clientFromEnvironment().rollback(projection);
      if (options.json === true) return print(JSON.stringify(answer));
      print(`${projection} is served from ${buildName(answer.live)}`);
      print(swapLine(answer.swap));
      print(`${buildName(answer.previous)} goes on folding; to give it up:`);
      print(`  ${commandLine(`projections release ${projection}`)}`);
    });
  projections
    .command('release')
    .description('stop folding the build before, and drop its tables: no rollback after that')
    .argument('<projection>')
    .option(...json)
    .action(async (projection: string, options: JsonOption) => {
      const answer = await clientFromEnvironment().release(projection);
      if (options.json === true) return print(JSON.stringify(answer));
      print(`${buildName(answer.released)} of ${projection} is released`);
    });
}
