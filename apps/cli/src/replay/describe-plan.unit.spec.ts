import type { Plan } from './answers';
import { describePlan } from './describe-plan';

const plan: Plan = {
  kind: 'rebuild',
  projection: 'flight',
  version: 2,
  sameLogic: false,
  replaces: { version: 1, build: 1 },
  events: '10',
  partitions: [
    { topic: 'flights', partition: 0, from: '1000', to: '1009' },
    { topic: 'flights', partition: 1, from: '0', to: '1' },
  ],
  checks: ['the log begins at offset zero'],
  refusals: [],
};
const text = (changes: Partial<Plan> = {}): string => describePlan({ ...plan, ...changes }).join('\n');

describe('a plan in words', () => {
  it('says what would be read in each partition, and in all', () => {
    expect(text()).toMatch(/flights\/0 +│ +1,000 │ 1,009 │ +9 /);
    expect(text()).toMatch(/flights\/1 +│ +0 │ +1 │ +1 /);
    expect(text()).toContain('would read 10 events');
  });

  it('says what it would replace, and whether by the same logic', () => {
    expect(text()).toContain('beside the live version 1, build 1 (another logic: the difference will wait');
    expect(text({ sameLogic: true })).toContain('(the same logic)');
    expect(text({ replaces: null })).toContain('no live build');
  });

  it('lists what was checked, and each refusal with its way out', () => {
    expect(text()).toMatch(/- the log begins at offset zero\nnothing speaks against it$/);
    const where = 'flights/3';
    const refusal = { check: 'log-start', where, reason: 'it begins at 12', remedy: 'declare the start' };
    expect(text({ refusals: [refusal] })).toMatch(
      /refused:\n {2}✗ flights\/3 \(log-start\): it begins at 12\n {4}way out: declare the start$/,
    );
  });
});
