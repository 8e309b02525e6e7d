import { countJestResults, type JestResults } from './jest-results';

const suite = (status: string, statuses: readonly string[]): JestResults['testResults'][number] => ({
  name: '/workspace/libs/a/src/a.unit.spec.ts',
  status,
  message: '',
  assertionResults: statuses.map((each, index) => ({ fullName: `test ${index}`, status: each })),
});

const count = (
  suites: JestResults['testResults'],
  filteredByName = false,
): ReturnType<typeof countJestResults> =>
  countJestResults({ testResults: suites }, { workspaceRoot: '/workspace', filteredByName });

describe('the count of a Jest run', () => {
  it('counts every passed test and names every failed one with its file', () => {
    expect(count([suite('failed', ['passed', 'failed', 'passed'])])).toEqual({
      passed: 2,
      failures: ['libs/a/src/a.unit.spec.ts: test 1'],
    });
  });

  it('counts a suite that could not run as one failure', () => {
    expect(count([suite('failed', [])])).toEqual({
      passed: 0,
      failures: ['libs/a/src/a.unit.spec.ts: the suite failed outside its tests'],
    });
  });

  it('counts a skipped test as failed, unless a filter by name left it out', () => {
    expect(count([suite('passed', ['passed', 'pending'])]).failures).toHaveLength(1);
    expect(count([suite('passed', ['passed', 'pending'])], true)).toEqual({ passed: 1, failures: [] });
  });
});
