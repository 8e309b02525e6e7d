import { styleText } from 'node:util';
import { print } from '../print';
import type { Run } from './answers';
import { describeEnd } from './describe-end';
import { exitCodeOf, exitCodes } from './exit-code';
import type { ExitCode } from './exit-code';
import type { ReplayClient } from './replay-client';
import { barReport, jsonReport, lineReport } from './watch-reports';
import type { ClosableReport } from './watch-reports';
import { watchRun } from './watch-run';
import { commandLine } from './wording';

/**
 * Watches a run to its end and says what came of it, in the form that suits whoever reads standard output. Ctrl-C ends
 * the watch and leaves the run alone. Returns the exit code.
 */
export async function watchOnTerminal(
  client: ReplayClient,
  run: Run,
  { json = false }: { readonly json?: boolean },
): Promise<ExitCode> {
  const detached = new AbortController();
  const detach = (): void => detached.abort();
  process.once('SIGINT', detach);
  const report = chooseReport(json);
  try {
    const read = (signal: AbortSignal): Promise<Run> => client.run(run.id, signal);
    const ended = await watchRun({ run, read, report, signal: detached.signal });
    report.close();
    if (ended === undefined) {
      complain(
        `replay ${run.id} goes on without this watch. To see it again: ${commandLine(`replay watch ${run.id}`)}`,
      );
      return exitCodes.detached;
    }
    if (!json) describeEnd(ended, emphasis()).forEach((line) => print(line));
    return exitCodeOf(ended) ?? exitCodes.error;
  } finally {
    report.close();
    process.off('SIGINT', detach);
  }
}

/** What differs is bold where that can be seen. */
export function emphasis(): ((text: string) => string) | undefined {
  return process.stdout.isTTY ? (text) => styleText('bold', text) : undefined;
}

function chooseReport(json: boolean): ClosableReport {
  if (json) return jsonReport(print, complain);
  return process.stdout.isTTY ? barReport(process.stdout) : lineReport(print);
}

function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}
