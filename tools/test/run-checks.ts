import type { Check, CheckReport, Output } from './check';
import { OrderedOutput } from './ordered-output';

export interface RunChecksOptions {
  readonly output: Output;
  /** How many checks may run at the same time; their output stays in the order of `checks`. */
  readonly concurrency: number;
  /** Once aborted, no further check begins, and those that had not begun count as failed. */
  readonly signal: AbortSignal;
}

/** Runs every check, also after one has failed, and reports them in the order given. */
export async function runChecks(checks: readonly Check[], options: RunChecksOptions): Promise<CheckReport[]> {
  const ordered = new OrderedOutput(options.output);
  const reports: CheckReport[] = [];
  let next = 0;
  async function worker(): Promise<void> {
    for (let index = next++; index < checks.length; index = next++) {
      const check = checks[index];
      if (check === undefined) {
        return;
      }
      const section = ordered.open();
      reports[index] = options.signal.aborted
        ? { name: check.name, passed: 0, failures: ['not run: interrupted'], durationMs: 0 }
        : await runCheck(check, section);
      section.close();
    }
  }
  await Promise.all(Array.from({ length: options.concurrency }, worker));
  return reports;
}

async function runCheck(check: Check, output: Output): Promise<CheckReport> {
  const startedAt = performance.now();
  output.write(`\n── ${check.name} ${'─'.repeat(Math.max(3, 70 - check.name.length))}\n`);
  let outcome;
  try {
    outcome = await check.run(output);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    output.write(`${reason}\n`);
    outcome = { passed: 0, failures: [reason] };
  }
  const durationMs = performance.now() - startedAt;
  const verdict = outcome.failures.length === 0 ? 'passed' : 'FAILED';
  output.write(`── ${check.name}: ${verdict} in ${(durationMs / 1000).toFixed(1)} s\n`);
  return { name: check.name, ...outcome, durationMs };
}
