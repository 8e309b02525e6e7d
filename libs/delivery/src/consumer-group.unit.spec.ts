import { checkGroupCoversTopics, defineConsumerGroup } from './consumer-group';

const departed = { type: 'flights.Departed', topic: 'flights' };
const landed = { type: 'flights.Landed', topic: 'flights' };
const paid = { type: 'bookings.Paid', topic: 'bookings' };

describe('a consumer group', () => {
  it('reads each topic of its events once, from the earliest record, unless it says otherwise', () => {
    const group = defineConsumerGroup({ name: 'alerts', handles: [departed, landed, paid] });
    expect(group).toMatchObject({
      name: 'alerts',
      topics: ['flights', 'bookings'],
      ignores: [],
      start: 'earliest',
      repeatsWithinOffsets: 20_000,
      retry: { attempts: 3, initialMs: 100, maxMs: 1_000 },
    });
  });

  it('is refused with every problem at once', () => {
    expect(() => defineConsumerGroup({ name: 'Alerts!', handles: [] })).toThrow(
      /Alerts! cannot be used: its name must match .*; it handles no event type\./,
    );
    expect(() => defineConsumerGroup({ name: 'alerts', handles: [landed], ignores: [landed] })).toThrow(
      'it both handles and ignores flights.Landed',
    );
    expect(() => defineConsumerGroup({ name: 'alerts', handles: [landed, landed] })).toThrow(
      'it handles flights.Landed twice',
    );
    const numbers = { repeatsWithinOffsets: -1, retry: { initialMs: 0, maxMs: -5 } };
    expect(() => defineConsumerGroup({ name: 'alerts', handles: [landed], ...numbers })).toThrow(
      /repeatsWithinOffsets must be .*; its retry must /,
    );
  });

  it('begins at a time with a zone, and at no other', () => {
    const startOf = (time: string) =>
      defineConsumerGroup({ name: 'alerts', handles: [landed], start: { time } }).start;
    expect(startOf('2026-01-31T12:00:00+01:00')).toEqual({ timeMs: Date.UTC(2026, 0, 31, 11) });
    for (const time of ['2026-01-31T12:00:00', 'yesterday', '2026-13-31T12:00:00Z']) {
      expect(() => startOf(time)).toThrow('its start.time must be a time with a zone');
    }
  });

  it('refuses what its kind has no use for, and numbers out of bounds', () => {
    const of = (more: object) => () => defineConsumerGroup({ name: 'alerts', handles: [landed], ...more });
    expect(of({ calls: { timeoutMs: 5 } })).toThrow('its handlers are transactional');
    expect(of({ kind: 'external', calls: { concurrency: 0 } })).toThrow('calls.concurrency must be');
    expect(of({ kind: 'external', calls: { timeoutMs: Number.NaN } })).toThrow('calls.timeoutMs must be');
    expect(of({ lagObjectiveSeconds: 0 })).toThrow('lagObjectiveSeconds must be above 0');
    for (const deadLetterRetentionDays of [0, Number.NaN, 1e9]) {
      expect(of({ deadLetterRetentionDays })).toThrow('deadLetterRetentionDays must be above 0');
    }
    expect(of({ parking: { maxKeyShare: 2 } })).toThrow('parking.maxKeyShare must be');
    expect(() =>
      defineConsumerGroup({ name: 'alerts', kind: 'external', handles: [landed] }).onBatch(landed),
    ).toThrow('external handlers are called for one event at a time');
  });

  it('keeps dead letters for a month, unless it says otherwise', () => {
    const of = (more: object) => defineConsumerGroup({ name: 'alerts', handles: [landed], ...more });
    expect(of({}).deadLetterRetentionMs).toBe(30 * 86_400_000);
    expect(of({ deadLetterRetentionDays: 7 }).deadLetterRetentionMs).toBe(604_800_000);
    expect(of({ deadLetterRetentionDays: 'unlimited' }).deadLetterRetentionMs).toBe('unlimited');
  });

  it('gives patterns that name the group, and only for events that it handles', () => {
    const group = defineConsumerGroup({ name: 'alerts', handles: [landed] });
    expect(group.on(landed)).toEqual({ group: 'alerts', type: 'flights.Landed' });
    expect(() => group.on(departed)).toThrow('it has a handler for flights.Departed, not declared');
  });

  it('must handle or ignore every event type of its topics', () => {
    const group = defineConsumerGroup({ name: 'alerts', handles: [landed] });
    expect(() => checkGroupCoversTopics(group, [departed, landed, paid])).toThrow(
      'flights.Departed is published to flights, and the group neither handles nor ignores it',
    );
    const covering = defineConsumerGroup({ name: 'alerts', handles: [landed], ignores: [departed] });
    expect(() => checkGroupCoversTopics(covering, [departed, landed, paid])).not.toThrow();
  });
});
