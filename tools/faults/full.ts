/**
 * What `npm run test:full` does beside `npm test`: each mutant has to be found, and new seeds must find nothing. `npm test`
 * itself runs one of the mutants.
 */
import { parseArgs } from 'node:util';
import { describeFindings, isClean } from '@millrace/testing';
import { describeError } from './describe-error';
import { faultKinds } from './fault';
import { keep } from './keep';
import { mutants, plantedTree } from './mutants';
import type { Mutant } from './mutants';
import type { FaultsOptions } from './options';
import { runFaults } from './run';
import type { RunResult } from './run';

const { values } = parseArgs({
  options: {
    /** Of each new seed. */
    minutes: { type: 'string', default: '5' },
    seeds: { type: 'string', default: '5' },
    /** Names of mutants; all by default. */
    mutants: { type: 'string' },
    'mutant-minutes': { type: 'string', default: '0.4' },
  },
});
const MUTANT_SEED = 3;

let passed = 0;
const failed: string[] = [];

const wanted = values.mutants?.split(',') ?? mutants.map(({ name }) => name);
const unknown = wanted.filter((wish) => !mutants.some(({ name }) => name === wish));
if (unknown.length > 0) throw new Error(`there is no mutant ${unknown.join(', ')}`);

for (const mutant of mutants.filter(({ name }) => wanted.includes(name))) {
  await examined(`mutant ${mutant.name}`, tryMutant(mutant));
}
for (let run = 0; run < Number(values.seeds); run++) {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const window = run % 2 === 1;
  await examined(`faults with seed ${seed}${window ? ' and a window' : ''}`, trySeed(seed, window));
}
for (const name of failed) print(`failed: ${name}`);
print(`${passed} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;

/** A run that comes to no verdict has failed, and the others go on. */
async function examined(name: string, trial: Promise<void>): Promise<void> {
  await trial.catch((error: unknown) => {
    report(name, false, describeError(error));
  });
}

async function tryMutant(mutant: Mutant): Promise<void> {
  const { kinds, crashPoints, foundBy, window = false } = mutant;
  const tree = await plantedTree(mutant, window);
  const minutes = Number(values['mutant-minutes']);
  await run({ seed: MUTANT_SEED, minutes, kinds, crashPoints, window }, tree, async ({ findings }) => {
    const violated = findings.filter((each) => !isClean([each])).map(({ invariant }) => invariant);
    const found = violated.some((invariant) => foundBy.includes(invariant));
    const verdict = `${found ? 'found' : 'NOT FOUND'} (violated: ${violated.join(', ') || 'nothing'})`;
    report(`mutant ${mutant.name} (${mutant.what})`, found, verdict);
  });
}

async function trySeed(seed: number, window: boolean): Promise<void> {
  const { minutes } = values;
  const tree = await plantedTree(undefined, window);
  await run({ seed, minutes: Number(minutes), kinds: faultKinds, window }, tree, async (result) => {
    const { findings, directory } = result;
    const clean = isClean(findings);
    if (clean) return report(`faults with seed ${seed}`, true, 'nothing found');
    const again = `npm run faults -- --seed ${seed} --minutes ${minutes}${window ? ' --window' : ''}`;
    report(
      `faults with seed ${seed}`,
      false,
      `SOMETHING FOUND: ${again}; kept in ${await keep(directory, String(seed))}`,
    );
    for (const line of describeFindings(findings)) print(`    ${line}`);
  });
}

async function run(
  schedule: Pick<FaultsOptions, 'seed' | 'minutes' | 'kinds' | 'crashPoints' | 'window'>,
  tree: string | undefined,
  examine: (result: RunResult) => Promise<void>,
): Promise<void> {
  const options = { ...schedule, help: false, rate: 150, keys: 12, keep: false, mutant: undefined };
  const { result, close } = await runFaults(options, { tree, print: () => undefined });
  await examine(result);
  await close();
}

function report(name: string, ok: boolean, verdict: string): void {
  if (ok) passed += 1;
  else failed.push(name);
  print(`${ok ? '✓' : '✗'} ${name}: ${verdict}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
