import type { Check } from './check';
import type { ChildProcesses } from './child-processes';

const QUIET = '--disable-warning=TimeoutNegativeWarning';

/** Everything that is not a Jest test: each is one command whose exit code decides. The slowest begin first. */
export function staticChecks(children: ChildProcesses): Check[] {
  return [
    command(children, 'lint', ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0']),
    command(children, 'type check', ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json']),
    command(children, 'format', ['node_modules/prettier/bin/prettier.cjs', '--check', '.']),
    command(children, 'the lint still bites', ['dist/tools/test/lint-fixture.js']),
    command(children, 'every project is bounded', ['dist/tools/test/project-tags.js']),
    command(children, 'generated contracts are current', ['dist/tools/generate/main.js', '--check']),
    command(children, 'docs/configuration.md is current', ['dist/tools/config-docs/main.js', '--check']),
  ];
}

/** A short run of `npm run faults`, the same each time: what a change breaks, it breaks there. Its seed poisons both groups. */
export function faultsCheck(children: ChildProcesses): Check {
  const run = ['dist/tools/faults/main.js', '--seed', '3291', '--minutes', '0.4'];
  return command(children, 'faults', [QUIET, ...run]);
}

/** A bug is planted, and the same means have to find it: without this, nobody would know that they still see. */
export function mutantCheck(children: ChildProcesses): Check {
  const run = ['dist/tools/faults/full.js', '--seeds', '0', '--mutants', 'position-outside-transaction'];
  return command(children, 'a planted bug is found', [QUIET, ...run, '--mutant-minutes', '0.1']);
}

function command(children: ChildProcesses, name: string, args: readonly string[]): Check {
  return {
    name,
    async run(output) {
      const exit = await children.run(['--enable-source-maps', ...args], output);
      return exit === 0 ? { passed: 1, failures: [] } : { passed: 0, failures: [`ended with ${exit}`] };
    },
  };
}
