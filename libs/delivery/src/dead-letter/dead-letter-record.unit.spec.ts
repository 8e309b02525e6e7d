import type { RawHeader } from '@millrace/event';
import fc from 'fast-check';
import { DEAD_LETTER_BOUNDS, deadLetterRecord, MAX_DEAD_LETTER_OVERHEAD_BYTES } from './dead-letter-record';
import type { DeadLetterFailure, DeadLetterRecord } from './dead-letter-record';

const failure: DeadLetterFailure = {
  group: 'delay-alerts',
  topic: 'flights',
  partition: 5,
  offset: 9_007_199_254_740_993n,
  timestampMs: 981_000_000_123,
  key: Buffer.from('00ff', 'hex'),
  value: Buffer.from('0000000005c328', 'hex'),
  headers: [
    ['ce_id', Buffer.from('f-1')],
    ['trace', Buffer.from('fffe', 'hex')],
    ['empty', null],
    ['trace', Buffer.from('01')],
  ],
  error: {
    name: 'UnknownAirportError',
    message: 'No airport XQZ',
    stack: 'UnknownAirportError: No airport XQZ\n    at handle',
  },
  attempts: 4,
  failedAt: new Date('2026-03-01T10:20:30.456Z'),
  reason: 'exhausted',
};

const OURS = /^(kafka_dlt-|__connect\.errors\.|millrace-dlq-)/;

function textOf({ headers }: DeadLetterRecord, name: string): string | undefined {
  return headers.find(([each]) => each === name)?.[1]?.toString();
}

function textsOf({ headers }: DeadLetterRecord, family: string): Record<string, string> {
  const own = headers.filter(([name]) => name.startsWith(family));
  return Object.fromEntries(own.map(([name, value]) => [name, String(value)]));
}

/** What a group would say that reads the record in a topic of dead letters, and fails too. */
function failedAgain(record: DeadLetterRecord, more: Partial<DeadLetterFailure> = {}): DeadLetterFailure {
  return {
    ...failure,
    ...record,
    topic: 'delay-alerts.dlq',
    partition: 1,
    offset: 3n,
    group: 'mailer',
    ...more,
  };
}

const bytes = fc.uint8Array({ maxLength: 20 }).map((array) => Buffer.from(array));
const anyHeader = fc.tuple(
  fc.oneof(
    fc.string(),
    fc.constantFrom(
      'kafka_dlt-original-topic',
      'kafka_dlt-exception-cause-fqcn',
      'kafka_dlt-key-exception-message',
      '__connect.errors.stage',
      'millrace-dlq-origin',
      'millrace-dlq-reason',
      'ce_id',
    ),
  ),
  fc.option(bytes),
) as fc.Arbitrary<RawHeader>;
const anyFailure: fc.Arbitrary<DeadLetterFailure> = fc.record({
  group: fc.stringMatching(/^[a-z][a-z0-9-]{0,62}$/),
  topic: fc.stringMatching(/^[a-zA-Z0-9._-]{1,249}$/),
  partition: fc.nat(),
  offset: fc.bigInt(0n, 2n ** 63n - 1n),
  timestampMs: fc.integer({ min: -1, max: 8_640_000_000_000_000 }),
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.array(anyHeader, { maxLength: 12 }),
  error: fc.record({
    name: fc.string({ unit: 'binary' }),
    message: fc.string({ unit: 'binary', maxLength: 3_000 }),
    stack: fc.option(fc.string({ unit: 'binary', maxLength: 12_000 }), { nil: undefined }),
  }),
  attempts: fc.nat(),
  failedAt: fc.date({ noInvalidDate: true }),
  reason: fc.constantFrom('permanent', 'undecodable', 'exhausted'),
});

describe('the record of a dead letter', () => {
  it('has the key and the value of the record that failed, byte by byte', () => {
    const { key, value } = deadLetterRecord(failure);
    expect(key).toBe(failure.key);
    expect(value).toBe(failure.value);
    expect(deadLetterRecord({ ...failure, key: null, value: null })).toMatchObject({
      key: null,
      value: null,
    });
  });

  it('has the headers of the record that failed, in their order, before all others', () => {
    const { headers } = deadLetterRecord(failure);
    expect(headers.slice(0, failure.headers.length)).toEqual(failure.headers);
    expect(headers.slice(failure.headers.length).filter(([name]) => !OURS.test(name))).toEqual([]);
  });

  it('says where and why in the headers of Spring Kafka, whose numbers are big-endian', () => {
    const record = deadLetterRecord(failure);
    const spring = record.headers.filter(([name]) => name.startsWith('kafka_'));
    expect(spring.map(([name, value]) => [name, value?.toString('latin1')])).toEqual([
      ['kafka_dlt-original-topic', 'flights'],
      ['kafka_dlt-original-partition', '\x00\x00\x00\x05'],
      ['kafka_dlt-original-offset', '\x00\x20\x00\x00\x00\x00\x00\x01'],
      ['kafka_dlt-original-timestamp', '\x00\x00\x00\xe4\x68\x28\x12\x7b'],
      ['kafka_dlt-original-timestamp-type', 'CreateTime'],
      ['kafka_dlt-original-consumer-group', 'delay-alerts'],
      ['kafka_dlt-exception-fqcn', 'UnknownAirportError'],
      ['kafka_dlt-exception-cause-fqcn', 'UnknownAirportError'],
      ['kafka_dlt-exception-message', 'No airport XQZ'],
      ['kafka_dlt-exception-stacktrace', 'UnknownAirportError: No airport XQZ\n    at handle'],
    ]);
  });

  it('says it in the headers of Kafka Connect, as text', () => {
    expect(textsOf(deadLetterRecord(failure), '__connect')).toEqual({
      '__connect.errors.topic': 'flights',
      '__connect.errors.partition': '5',
      '__connect.errors.offset': '9007199254740993',
      '__connect.errors.exception.class.name': 'UnknownAirportError',
      '__connect.errors.exception.message': 'No airport XQZ',
      '__connect.errors.exception.stacktrace': 'UnknownAirportError: No airport XQZ\n    at handle',
    });
  });

  it('says it in headers of its own, as text', () => {
    expect(textsOf(deadLetterRecord(failure), 'millrace-')).toEqual({
      'millrace-dlq-group': 'delay-alerts',
      'millrace-dlq-topic': 'flights',
      'millrace-dlq-partition': '5',
      'millrace-dlq-offset': '9007199254740993',
      'millrace-dlq-timestamp': '981000000123',
      'millrace-dlq-error': 'UnknownAirportError',
      'millrace-dlq-message': 'No airport XQZ',
      'millrace-dlq-attempts': '4',
      'millrace-dlq-reason': 'exhausted',
      'millrace-dlq-failed-at': '2026-03-01T10:20:30.456Z',
      'millrace-dlq-origin': 'flights/5/9007199254740993',
    });
  });

  it('says who set the time when that was the broker', () => {
    const record = deadLetterRecord({ ...failure, timestampType: 'LogAppendTime' });
    expect(textOf(record, 'kafka_dlt-original-timestamp-type')).toBe('LogAppendTime');
  });

  it('has a stack trace also for an error that has none', () => {
    const record = deadLetterRecord({
      ...failure,
      error: { name: 'DecodeError', message: 'Schema 5 is not known' },
    });
    expect(textOf(record, 'kafka_dlt-exception-stacktrace')).toBe('DecodeError: Schema 5 is not known');
  });

  it('does not grow by a second visit, and has no header of these families twice', () => {
    fc.assert(
      fc.property(anyFailure, anyFailure, (first, second) => {
        const once = deadLetterRecord(first);
        const twice = deadLetterRecord({ ...second, headers: once.headers });
        expect(twice.headers.map(([name]) => name)).toEqual(once.headers.map(([name]) => name));
        const names = twice.headers.map(([name]) => name).filter((name) => OURS.test(name));
        expect(names).toHaveLength(new Set(names).size);
      }),
    );
  });

  it('keeps every header of other names, repeated ones too, whatever visits the record has behind it', () => {
    fc.assert(
      fc.property(anyFailure, (any) => {
        const others = (headers: readonly RawHeader[]): readonly RawHeader[] =>
          headers.filter(([name]) => !OURS.test(name));
        const { headers } = deadLetterRecord(failedAgain(deadLetterRecord(any)));
        expect(others(headers)).toEqual(others(any.headers));
      }),
    );
  });

  it('adds a bounded number of bytes', () => {
    fc.assert(
      fc.property(anyFailure, (any) => {
        const added = deadLetterRecord({ ...any, headers: [] }).headers;
        // Each length is a number of five bytes at most.
        const size = added.reduce((sum, [name, value]) => sum + name.length + (value?.length ?? 0) + 10, 0);
        expect(size).toBeLessThan(MAX_DEAD_LETTER_OVERHEAD_BYTES);
      }),
    );
    const long = 'ü'.repeat(100_000);
    const record = deadLetterRecord({ ...failure, error: { name: long, message: long, stack: long } });
    const sizes = record.headers.map(([, value]) => value?.length ?? 0);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(DEAD_LETTER_BOUNDS.stackBytes);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(MAX_DEAD_LETTER_OVERHEAD_BYTES);
  });

  it('has neither the key nor the value in a header', () => {
    const secret = 'passport C01X00T47';
    const record = deadLetterRecord({ ...failure, key: Buffer.from(secret), value: Buffer.from(secret) });
    expect(record.headers.filter(([, value]) => value?.includes(secret))).toEqual([]);
  });

  describe('that fails again', () => {
    it('speaks of the last failure, and remembers where it lay at first', () => {
      const again = deadLetterRecord(
        failedAgain(deadLetterRecord(failure), { reason: 'permanent', attempts: 1 }),
      );
      expect(textsOf(again, 'millrace-')).toMatchObject({
        'millrace-dlq-group': 'mailer',
        'millrace-dlq-topic': 'delay-alerts.dlq',
        'millrace-dlq-partition': '1',
        'millrace-dlq-offset': '3',
        'millrace-dlq-attempts': '1',
        'millrace-dlq-reason': 'permanent',
        'millrace-dlq-origin': 'flights/5/9007199254740993',
      });
      expect(textOf(again, 'kafka_dlt-original-topic')).toBe('delay-alerts.dlq');
      expect(textOf(again, '__connect.errors.topic')).toBe('delay-alerts.dlq');
    });

    it('keeps its first place through any number of visits', () => {
      fc.assert(
        fc.property(anyFailure, fc.array(anyFailure, { minLength: 1, maxLength: 4 }), (first, visits) => {
          const once = deadLetterRecord({ ...first, headers: [] });
          const last = visits.reduce(
            (record, visit) => deadLetterRecord({ ...visit, headers: record.headers }),
            once,
          );
          const { topic, partition, offset } = first;
          expect(textOf(last, 'millrace-dlq-origin')).toBe(`${topic}/${partition}/${offset}`);
        }),
      );
    });

    it('loses the headers of another tool that speak of an earlier failure', () => {
      const record = deadLetterRecord(
        failedAgain({
          key: null,
          value: null,
          headers: [
            ['kafka_dlt-key-exception-message', Buffer.from('old')],
            ['__connect.errors.connector.name', Buffer.from('old')],
            ['ce_id', Buffer.from('f-1')],
          ],
        }),
      );
      expect(record.headers.filter(([, value]) => value?.toString() === 'old')).toEqual([]);
      expect(textOf(record, 'ce_id')).toBe('f-1');
    });
  });
});
