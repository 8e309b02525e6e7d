import type { KafkaMessage } from 'kafkajs';
import { KafkaLogRecord } from '../kafka-log-record';

/** As kafkajs gives it, where a value may be null although its types say otherwise. */
function recordWith(headers: Readonly<Record<string, unknown>> | undefined): KafkaLogRecord {
  const message = { offset: '1', timestamp: '2', key: null, value: null, headers };
  return new KafkaLogRecord('orders', 0, message as unknown as KafkaMessage);
}

describe('a record that kafkajs has read', () => {
  const record = recordWith({
    ce_id: Buffer.from('1'),
    binary: Buffer.from('00ff', 'hex'),
    repeated: [Buffer.from('a'), null, Buffer.from('b')],
    text: 'ü',
    empty: null,
  });

  it('gives all its headers as bytes, those of one name in their order', () => {
    expect(record.rawHeaders()).toEqual([
      ['ce_id', Buffer.from('1')],
      ['binary', Buffer.from('00ff', 'hex')],
      ['repeated', Buffer.from('a')],
      ['repeated', null],
      ['repeated', Buffer.from('b')],
      ['text', Buffer.from('ü')],
      ['empty', null],
    ]);
    expect(recordWith(undefined).rawHeaders()).toEqual([]);
  });

  it('gives one header as text, and takes one without a value for none', () => {
    expect(record.header('text')).toBe('ü');
    expect(record.header('repeated')).toBe('a');
    expect(record.header('empty')).toBeUndefined();
    expect(record.header('missing')).toBeUndefined();
  });

  it('gives one header as bytes, where there is a value', () => {
    expect(record.headerBytes('binary')).toEqual({ bytes: Buffer.from('00ff', 'hex'), from: 0, to: 2 });
    expect(record.headerBytes('empty')).toBeUndefined();
    expect(record.headerBytes('missing')).toBeUndefined();
  });
});
