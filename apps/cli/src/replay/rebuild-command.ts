import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { print } from '../print';
import type { Run } from './answers';
import { clientFromEnvironment } from './client-from-environment';
import { exitCodeHelp } from './exit-code';
import type { ReplayClient } from './replay-client';
import { runLine } from './tables';
import { watchOnTerminal } from './watch-on-terminal';
import { commandLine } from './wording';

export interface BegunOptions {
  readonly json?: boolean;
  readonly watch?: boolean;
}

interface RebuildOptions extends BegunOptions {
  readonly version?: number;
  readonly hold?: boolean;
  /** `false` with --no-swap. */
  readonly swap: boolean;
}

export const version = [
  '--version <number>',
  'the version to build; by default the highest that a projection service hosts now',
  wholeNumber,
] as const;

/** `rebuild`, the same one below `millrace replay` and `millrace projections`. */
export function addRebuildCommand(parent: Command): void {
  parent
    .command('rebuild')
    .description('start a rebuild; readers see the live build until the rebuilt one is proven')
    .argument('<projection>')
    .option(...version)
    .option('--hold', 'prove it, and wait for `projections swap`, also when it is equal')
    .option('--no-swap', 'the same')
    .option('--watch', 'show its progress until it ends')
    .option('--json', 'print the replay as JSON; with --watch one object for each change')
    .addHelpText('after', exitCodeHelp)
    .action(async (projection: string, options: RebuildOptions) => {
      const client = clientFromEnvironment();
      const hold = options.hold === true || !options.swap;
      const request = { projection, version: options.version, ...(hold ? { hold } : {}) };
      await showBegun(client, await client.rebuild(request), options);
    });
}

/** Shows a run that was just begun: to its end with `watch`, or once, with what shows more. Sets the exit code. */
export async function showBegun(
  client: ReplayClient,
  run: Run,
  { json = false, watch = false }: BegunOptions,
): Promise<void> {
  if (watch) {
    if (!json) print(runLine(run));
    process.exitCode = await watchOnTerminal(client, run, { json });
  } else if (json) {
    print(JSON.stringify(run));
  } else {
    print(runLine(run));
    print(`to see it: ${commandLine(`replay watch ${run.id}`)}`);
  }
}

export function wholeNumber(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(number) || number < 1) {
    throw new InvalidArgumentError('Expected a whole number from 1.');
  }
  return number;
}
