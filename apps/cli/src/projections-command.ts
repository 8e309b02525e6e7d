import { Command } from 'commander';
import { print } from './print';
import { clientFromEnvironment } from './replay/client-from-environment';
import { swapLine } from './replay/describe-end';
import { projectionTable } from './replay/tables';
import { buildName, commandLine } from './replay/wording';

interface JsonOption {
  readonly json?: boolean;
}

const json = ['--json', 'print JSON instead of text'] as const;

/** `millrace projections list|rollback|release`. */
export function projectionsCommand(): Command {
  const projections = new Command('projections')
    .description('the builds of the projections: which is live, and which is kept for rollback')
    .addHelpText(
      'after',
      '\nExits with 2 when a replay of the projection is under way, and with 1 for any error.\n\nExamples:\n  millrace projections list\n  millrace projections rollback flight\n  millrace projections release flight --json',
    );
  projections
    .command('list')
    .description('show every build with its version, state and lag')
    .option(...json)
    .action(async (options: JsonOption) => {
      const answer = await clientFromEnvironment().projections();
      print(options.json === true ? JSON.stringify(answer) : projectionTable(answer.projections));
    });
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
  return projections;
}
