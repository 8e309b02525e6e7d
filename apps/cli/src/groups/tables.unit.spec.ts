import type { Group, GroupPartition } from './answers';
import { groupDetails, groupTable, hasElsewhere } from './tables';

function partitionOf(more: Partial<GroupPartition> = {}): GroupPartition {
  return {
    topic: 'orders',
    partition: 0,
    state: 'running',
    nextOffset: '1000',
    logEnd: '2500',
    lag: '1500',
    lagSeconds: 75,
    recordsPerSecond: 1_234.4,
    parked: { keys: 1, records: 12, dead: 3 },
    ...more,
  };
}

const here = partitionOf();
const elsewhere = partitionOf({ partition: 1, state: 'elsewhere', lagSeconds: null, recordsPerSecond: null });
const groupOf = (...partitions: GroupPartition[]): Group => ({
  name: 'billing',
  state: 'joined',
  partitions,
  ...{ kind: 'transactional', lagObjectiveSeconds: null },
  breakers: {},
});

describe('the tables of millrace groups', () => {
  it('say when there is nothing', () => {
    expect(groupTable([])).toBe('this consumer hosts no group');
    expect(groupDetails({ ...groupOf(), state: 'rejoining', reason: 'the group is rebalancing' })).toEqual([
      'billing is rejoining: the group is rebalancing',
    ]);
  });

  it('add the partitions of a group up in one row', () => {
    const halted = partitionOf({
      partition: 2,
      state: 'halted',
      lag: '1',
      lagSeconds: 3_700,
      recordsPerSecond: 0,
    });
    expect(groupTable([groupOf(here, halted)])).toMatch(
      /│ billing │ joined │ 2 +│ 1,501 │ 1 h 1 min │ 1,234\/s │ 24 of 2 keys │ +6 │ +1 │/,
    );
  });

  it('say what another process holds, and do not pass what is known off as the whole', () => {
    expect(groupTable([groupOf(here, elsewhere)])).toMatch(
      /│ 2, 1 elsewhere │ 3,000 │ ≥ 1 min 15 s │ 1,234\/s │/,
    );
    expect(groupTable([groupOf(elsewhere)])).toMatch(/│ 1, 1 elsewhere │ 1,500 │ +– │ +– │/);
    expect([hasElsewhere([groupOf(here)]), hasElsewhere([groupOf(here, elsewhere)])]).toEqual([false, true]);
  });

  it('do not invent what nobody knows', () => {
    expect(groupTable([{ ...groupOf(), state: 'starting' }])).toMatch(
      /│ billing │ starting │ 0 +│ +– │ +– │ +– │ +– │ +– │ +0 │/,
    );
    const nothing = { keys: 0, records: 0, dead: 0 };
    expect(groupTable([groupOf(partitionOf({ parked: nothing }))])).toMatch(/\/s │ +0 │ +0 │ +0 │/);
  });

  it('show where each partition of a group is, and why it stands still', () => {
    const held = partitionOf({
      partition: 2,
      state: 'held',
      recordsPerSecond: 0.25,
      reason: 'try 3: no',
    });
    const group = { ...groupOf(here, elsewhere, held), breakers: { mail: 'half-open' as const } };
    const text = groupDetails(group).join('\n');
    expect(text).toMatch(/^billing is joined\n/);
    expect(text).toMatch(
      /│ orders\/0 +│ running +│ +1,000 │ +2,500 │ 1,500 │ 1 min 15 s │ 1,234\/s │ 12 of 1 key │ +3 │/,
    );
    expect(text).toMatch(/│ orders\/1 +│ elsewhere │ +1,000 │ +2,500 │ 1,500 │ +– │ +– │/);
    expect(text).toMatch(/│ orders\/2 +│ held +│ .* │ +0\.3\/s │/);
    expect(text).toMatch(/the breaker of mail is half-open\norders\/2 is held at offset 1000: try 3: no$/);
  });
});

it('a partition that is stalled stands still, with what is known of it', () => {
  const reason = 'group/billing at orders/0/1000 has not moved for 75 s while the log goes on to 2500';
  const group = groupOf(partitionOf({ state: 'stalled', reason }));
  expect(groupTable([group])).toMatch(/│ +1 │\n/);
  expect(groupDetails(group).at(-1)).toBe(`orders/0 is stalled at offset 1000: ${reason}`);
});

it('a group that is further behind than it may be says so', () => {
  const late = { ...groupOf({ ...here, lagSeconds: 90 }), lagObjectiveSeconds: 60 };
  expect(groupDetails(late).join('\n')).toMatch(
    /its objective is to be .* behind at most: 1 partitions are further behind/,
  );
  const inTime = { ...groupOf({ ...here, lagSeconds: 30 }), lagObjectiveSeconds: 60 };
  expect(groupDetails(inTime).join('\n')).not.toContain('further behind');
});
