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
