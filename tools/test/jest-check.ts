import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Check, Outcome, Output } from './check';
import type { ChildProcesses } from './child-processes';
import { countJestResults, type JestResults } from './jest-results';
import type { Tier } from './options';

/**
 * Unit tests share the cores with the static checks; end-to-end tests mostly wait for the processes that they start. Nobody
 * waits for the full ones, some of which want the same ports: see the example's.
 */
const workers: Record<Tier, readonly string[]> = {
  unit: ['--maxWorkers=2'],
  int: ['--maxWorkers=2'],
  e2e: ['--maxWorkers=2'],
  full: ['--runInBand'],
};

/** One Jest process for one tier. Every test counts; a tier without a test has failed, unless arguments narrow it. */
export function jestCheck(children: ChildProcesses, tier: Tier, jestArguments: readonly string[]): Check {
  return {
    name: `${tier} tests`,
    async run(output) {
      const directory = await mkdtemp(join(tmpdir(), 'millrace-jest-'));
      try {
        return await runJest({
          children,
          tier,
          jestArguments,
          output,
          resultsFile: join(directory, 'results.json'),
        });
      } finally {
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}

interface JestRun {
  readonly children: ChildProcesses;
  readonly tier: Tier;
  readonly jestArguments: readonly string[];
  readonly output: Output;
  readonly resultsFile: string;
}

async function runJest({ children, tier, jestArguments, output, resultsFile }: JestRun): Promise<Outcome> {
  const narrowed = jestArguments.length > 0;
  const exit = await children.run(
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      // kafkajs sets timers in the past.
      '--disable-warning=TimeoutNegativeWarning',
      'node_modules/jest/bin/jest.js',
      // Another option must follow: Jest takes everything up to it for further projects.
      '--selectProjects',
      tier,
      ...workers[tier],
      ...(narrowed ? ['--passWithNoTests'] : []),
      '--json',
      `--outputFile=${resultsFile}`,
      ...jestArguments,
    ],
    output,
  );
  const results = await readResults(resultsFile);
  if (results === undefined) {
    return { passed: 0, failures: [`Jest ended with ${exit} before it wrote its results`] };
  }
  const outcome = countJestResults(results, {
    workspaceRoot: process.cwd(),
    filteredByName: jestArguments.some((argument) => /^(-t|--testNamePattern)(=|$)/.test(argument)),
  });
  if (outcome.failures.length > 0) {
    return outcome;
  }
  if (exit !== 0) {
    return { ...outcome, failures: [`Jest ended with ${exit} although no test failed`] };
  }
  if (outcome.passed === 0 && !narrowed) {
    return { passed: 0, failures: [`no test ran: expected at least one *.${tier}.spec.ts`] };
  }
  return outcome;
}

async function readResults(file: string): Promise<JestResults | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as JestResults;
  } catch {
    return undefined;
  }
}
