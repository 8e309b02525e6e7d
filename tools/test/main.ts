/** What `npm test` runs, from the workspace's root: every check once over the whole workspace. */
import type { Check, CheckReport } from './check';
import { ChildProcesses } from './child-processes';
import { jestCheck } from './jest-check';
import { help, parseOptions, type TestOptions, type Tier } from './options';
import { runChecks } from './run-checks';
import { faultsCheck, mutantCheck, staticChecks } from './static-checks';
import { summarize } from './summary';

async function main(options: TestOptions): Promise<number> {
  const interrupted = new AbortController();
  const children = new ChildProcesses(childEnvironment());
  // npm and the terminal both pass the signal on: the second one must not end the clean end that the first began.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      interrupted.abort();
      children.stop();
    });
  }

  const run = (checks: readonly Check[], concurrency: number): Promise<CheckReport[]> =>
    runChecks(checks, { output: process.stdout, concurrency, signal: interrupted.signal });
  const tier = (name: Tier): Check[] =>
    options.parts.includes(name) ? [jestCheck(children, name, options.jestArguments)] : [];

  // Nothing in the first group needs the stack, so it shares the cores; the stack's tests get them to themselves.
  const staticPart = options.parts.includes('checks') ? staticChecks(children) : [];
  const faults = options.parts.includes('faults') ? [faultsCheck(children), mutantCheck(children)] : [];
  const reports = [
    ...(await run([...staticPart, ...tier('unit')], 2)),
    ...(await run([...tier('int'), ...tier('e2e'), ...tier('full'), ...faults], 1)),
  ];
  const { text, failed } = summarize(reports);
  process.stdout.write(text);
  return failed === 0 ? 0 : 1;
}

function childEnvironment(): NodeJS.ProcessEnv {
  const colour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  return { ...process.env, NX_DAEMON: 'false', ...(colour ? { FORCE_COLOR: '1' } : {}) };
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(help);
  } else {
    process.exitCode = await main(options);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
