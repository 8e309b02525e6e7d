import type { Outcome } from './check';

/** The part of Jest's `--json` output that is counted. */
export interface JestResults {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

export interface CountOptions {
  /** Paths are shown relative to this directory. */
  readonly workspaceRoot: string;
  /** A filter by name makes Jest report the other tests as pending; without one, a test that did not run has failed. */
  readonly filteredByName: boolean;
}

/**
 * Counts every test once. A suite that could not run, or that failed outside its tests, counts as one failure. A test
 * that was skipped, or is only planned, counts as failed: it proves nothing.
 */
export function countJestResults(results: JestResults, options: CountOptions): Outcome {
  let passed = 0;
  const failures: string[] = [];
  for (const suite of results.testResults) {
    const file = suite.name.replace(`${options.workspaceRoot}/`, '');
    let failedTests = 0;
    for (const test of suite.assertionResults) {
      if (test.status === 'passed') {
        passed += 1;
      } else if (test.status === 'failed') {
        failedTests += 1;
        failures.push(`${file}: ${test.fullName}`);
      } else if (!options.filteredByName) {
        failures.push(`${file}: ${test.fullName} (${test.status}: it did not run)`);
      }
    }
    if (suite.status === 'failed' && failedTests === 0) {
      failures.push(`${file}: the suite failed outside its tests`);
    }
  }
  return { passed, failures };
}
