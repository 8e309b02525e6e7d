import type { CheckReport } from './check';

export interface Summary {
  readonly text: string;
  readonly failed: number;
}

/** What the run says at its end: each check on a line, each failure by name, and the count as the very last line. */
export function summarize(reports: readonly CheckReport[]): Summary {
  const passed = reports.reduce((sum, report) => sum + report.passed, 0);
  const failures = reports.flatMap((report) =>
    report.failures.map((failure) => `${report.name}: ${failure}`),
  );
  if (passed === 0 && failures.length === 0) {
    failures.push('nothing ran: no test matches the arguments');
  }
  const lines = reports.map(
    (report) =>
      `${report.failures.length === 0 ? 'ok    ' : 'FAILED'} ${report.name} (${(report.durationMs / 1000).toFixed(1)} s)`,
  );
  const listed = failures.length === 0 ? [] : ['', 'Failed:', ...failures.map((failure) => `  ${failure}`)];
  return {
    text: ['', ...lines, ...listed, '', `${passed} passed, ${failures.length} failed`, ''].join('\n'),
    failed: failures.length,
  };
}
