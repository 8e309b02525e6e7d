import { withoutRisks } from './records-at-risk';

const plan = (name: string, from: string, to: string) =>
  withoutRisks([{ kind: 'configure', topic: 'flights', settings: [{ name, from, to }] }]);

describe('a change of a topic', () => {
  it.each([
    ['retention.ms', '-1', '604800000', /would delete records that are kept now/],
    ['retention.ms', '604800000', '3600000', /would delete records that are kept now/],
    ['cleanup.policy', 'delete', 'compact', /all but the last record of each key/],
    ['cleanup.policy', 'compact', 'compact,delete', /by their age/],
  ])('that would take records away is refused: %s %s -> %s', (name, from, to, reason) => {
    expect(plan(name, from, to)).toEqual([
      { kind: 'refuse', topic: 'flights', reason: expect.stringMatching(reason) as string },
    ]);
    expect(plan(name, from, to)[0]).toHaveProperty('reason', expect.stringContaining('--allow-deletion'));
  });

  it.each([
    ['retention.ms', '3600000', '604800000'],
    ['retention.ms', '3600000', '-1'],
    ['cleanup.policy', 'compact,delete', 'compact'],
    ['min.insync.replicas', '1', '2'],
  ])('that takes nothing away is made: %s %s -> %s', (name, from, to) => {
    expect(plan(name, from, to)).toMatchObject([{ kind: 'configure', settings: [{ name, from, to }] }]);
  });

  it('is made as far as it takes nothing away', () => {
    const settings = [
      { name: 'retention.ms', from: '-1', to: '1' },
      { name: 'min.insync.replicas', from: '1', to: '2' },
    ];
    expect(withoutRisks([{ kind: 'configure', topic: 'flights', settings }])).toMatchObject([
      { kind: 'configure', settings: [settings[1]] },
      { kind: 'refuse', topic: 'flights' },
    ]);
  });
});
