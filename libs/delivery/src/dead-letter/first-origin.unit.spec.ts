import type { RawHeader } from '@millrace/event';
import { firstOrigin } from './first-origin';

const text = (name: string, value: string): RawHeader => [name, Buffer.from(value)];
const connect = [
  text('__connect.errors.topic', 'sink-in'),
  text('__connect.errors.partition', '1'),
  text('__connect.errors.offset', '41'),
];
const spring: readonly RawHeader[] = [
  text('kafka_dlt-original-topic', 'orders'),
  ['kafka_dlt-original-partition', Buffer.from('00000002', 'hex')],
  ['kafka_dlt-original-offset', Buffer.from('0000000100000000', 'hex')],
];

describe('the first origin of a dead letter', () => {
  it('is what Millrace has noted, before what others have', () => {
    expect(firstOrigin([...connect, ...spring, text('millrace-dlq-origin', 'flights/0/7')])).toBe(
      'flights/0/7',
    );
  });

  it('is read from the headers of Spring Kafka, the oldest of those it has appended', () => {
    const later: RawHeader[] = [
      text('kafka_dlt-original-topic', 'orders-dlt'),
      ['kafka_dlt-original-partition', Buffer.from('00000000', 'hex')],
      ['kafka_dlt-original-offset', Buffer.from('0000000000000001', 'hex')],
    ];
    expect(firstOrigin([...connect, ...spring, ...later])).toBe('orders/2/4294967296');
  });

  it('is read from the headers of Kafka Connect', () => {
    expect(firstOrigin(connect)).toBe('sink-in/1/41');
  });

  it.each<[string, readonly RawHeader[]]>([
    ['no headers', []],
    ['a part that is missing', spring.slice(1)],
    ['a number of another length', [...spring.slice(0, 2), ['kafka_dlt-original-offset', Buffer.from('12')]]],
    ['a number below zero', [...spring.slice(0, 2), ['kafka_dlt-original-offset', Buffer.alloc(8, 255)]]],
    ['a value that is null', [['millrace-dlq-origin', null]]],
    ['a text that is no position', [text('millrace-dlq-origin', 'flights/seven')]],
    ['a name that no topic can have', [text('__connect.errors.topic', 'a b'), ...connect.slice(1)]],
  ])('is not known from %s', (_what, headers) => {
    expect(firstOrigin(headers)).toBeUndefined();
  });
});
