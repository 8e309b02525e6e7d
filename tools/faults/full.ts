/** The part of `npm run test:full` behind `npm test`: each mutant has to be found, and new seeds must find nothing. */
import { parseArgs } from 'node:util';
import { compiledTree } from '@millrace/stack';
import { isClean } from '@millrace/testing';
import { faultKinds } from './fault';
import type { FaultKind } from './fault';
import { mutants, plantMutant } from './mutants';
import { runFaults } from './run';

const MUTANT_TREES = '.millrace/mutants';
const MUTANT_SEED = 3;
const MUTANT_MINUTES = 0.4;
/** What brings out each of them within seconds. */
const MUTANT_KINDS: readonly FaultKind[] = ['crash-point', 'suspend-long'];
const SEEDS = 5;

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '5' } } });

let passed = 0;
const failed: string[] = [];

for (const mutant of mutants) {
  const tree = await plantMutant(mutant, compiledTree(), MUTANT_TREES);
  const found = !(await isRunClean(MUTANT_SEED, { minutes: MUTANT_MINUTES, kinds: MUTANT_KINDS, tree }));
  report(`mutant ${mutant.name} (${mutant.what})`, found, found ? 'found' : 'NOT FOUND');
}
for (let run = 0; run < SEEDS; run++) {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const clean = await isRunClean(seed, {
    minutes: Number(values.minutes),
    kinds: faultKinds,
    tree: undefined,
  });
  report(
    `faults with seed ${seed}`,
    clean,
    clean ? 'nothing found' : `SOMETHING FOUND: npm run faults -- --seed ${seed} --minutes ${values.minutes}`,
  );
}
for (const name of failed) print(`failed: ${name}`);
print(`${passed} passed, ${failed.length} failed`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function isRunClean(
  seed: number,
  run: { readonly minutes: number; readonly kinds: readonly FaultKind[]; readonly tree: string | undefined },
): Promise<boolean> {
  const { tree, ...length } = run;
  const options = { ...length, help: false, seed, rate: 150, keys: 12, keep: false, mutant: undefined };
  const { result, close } = await runFaults(options, { tree, print: () => undefined });
  await close();
  return isClean(result.findings);
}

function report(name: string, ok: boolean, verdict: string): void {
  if (ok) passed += 1;
  else failed.push(name);
  print(`${ok ? '✓' : '✗'} ${name}: ${verdict}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
