/** `npm run faults`: publishes, hurts the platform on a schedule, and checks that nothing is lost or doubled. */
import { describeFindings, isClean } from '@millrace/testing';
import { keep } from './keep';
import { mutants, plantedTree } from './mutants';
import { help, parseOptions } from './options';
import type { FaultsOptions } from './options';
import { RunNotExaminedError, runFaults } from './run';

async function main(options: FaultsOptions): Promise<number> {
  const tree = await treeOf(options);
  const startedAt = performance.now();
  const { result, close } = await runFaults(options, { tree, print });
  const { findings, published, faults, directory } = result;
  const clean = isClean(findings);
  print('Checked');
  for (const line of describeFindings(findings)) print(`  ${line}`);
  const { acknowledged, refused, unknown } = published;
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  print(
    `${faults.length} faults in ${seconds} s; ${published.events} events: ${acknowledged} attempts acknowledged, ` +
      `${refused} refused, ${unknown} unknown`,
  );
  if (!clean || options.keep) {
    const kept = await keep(directory, String(options.seed));
    const again = `npm run faults -- --seed ${options.seed} --minutes ${options.minutes}`;
    print(`kept in ${kept}; to run it again: ${again}${options.window ? ' --window' : ''}`);
  }
  await close();
  return clean ? 0 : 1;
}

/** The workspace's own compiled tree (undefined), or one in which something is planted. */
async function treeOf({ mutant: name, window }: FaultsOptions): Promise<string | undefined> {
  const mutant = mutants.find((each) => each.name === name);
  if (name !== undefined && mutant === undefined) {
    throw new Error(
      `--mutant: expected one of\n${mutants.map((each) => `  ${each.name}: ${each.what}`).join('\n')}`,
    );
  }
  return plantedTree(mutant, window);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** What is wrong with the options or the tree ends with 2, and a run that could not be examined with 1. */
async function run(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (!options.help) return main(options);
  print(help);
  return 0;
}

try {
  process.exitCode = await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof RunNotExaminedError ? 1 : 2;
}
