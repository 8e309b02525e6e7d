import type { Check } from './check';
import { runChecks } from './run-checks';
import { summarize } from './summary';

function collect(): { readonly write: (text: string) => void; readonly text: () => string } {
  const written: string[] = [];
  return { write: (text) => void written.push(text), text: () => written.join('') };
}

const passing = (name: string, passed = 1): Check => ({ name, run: async () => ({ passed, failures: [] }) });
const never = new AbortController().signal;

describe('a run of checks', () => {
  it('goes on after a failure and reports in the order given', async () => {
    const checks: Check[] = [
      { name: 'first', run: () => Promise.reject(new Error('no compiler')) },
      passing('second', 3),
    ];
    const reports = await runChecks(checks, { output: collect(), concurrency: 1, signal: never });
    expect(reports.map(({ name, passed, failures }) => ({ name, passed, failures }))).toEqual([
      { name: 'first', passed: 0, failures: ['no compiler'] },
      { name: 'second', passed: 3, failures: [] },
    ]);
  });

  it('never mixes the output of checks that run at the same time', async () => {
    const output = collect();
    let secondIsDone = (): void => undefined;
    const second = new Promise<void>((resolve) => (secondIsDone = resolve));
    const checks: Check[] = [
      {
        name: 'slow',
        run: async (section) => {
          section.write('slow begins\n');
          await second;
          section.write('slow ends\n');
          return { passed: 1, failures: [] };
        },
      },
      {
        name: 'fast',
        run: async (section) => {
          section.write('fast\n');
          secondIsDone();
          return { passed: 1, failures: [] };
        },
      },
    ];
    await runChecks(checks, { output, concurrency: 2, signal: never });
    expect(output.text().match(/slow begins|slow ends|fast\n/g)).toEqual([
      'slow begins',
      'slow ends',
      'fast\n',
    ]);
  });

  it('begins nothing more once it is interrupted, and says so', async () => {
    const reports = await runChecks([passing('late')], {
      output: collect(),
      concurrency: 1,
      signal: AbortSignal.abort(),
    });
    expect(reports[0]?.failures).toEqual(['not run: interrupted']);
  });
});

describe('the summary of a run', () => {
  it('ends with the count as its very last line', () => {
    const summary = summarize([
      { name: 'unit tests', passed: 12, failures: ['a.unit.spec.ts: adds'], durationMs: 1 },
      { name: 'lint', passed: 1, failures: [], durationMs: 1 },
    ]);
    expect(summary.text.trimEnd().split('\n').at(-1)).toBe('13 passed, 1 failed');
    expect(summary.text).toContain('unit tests: a.unit.spec.ts: adds');
    expect(summary.failed).toBe(1);
  });

  it('calls a run that ran nothing a failure', () => {
    expect(summarize([{ name: 'unit tests', passed: 0, failures: [], durationMs: 1 }]).failed).toBe(1);
  });
});
