import {
  encodeEventHeaders,
  formatPosition,
  LooseRecord,
  NotAnEventError,
  parsePosition,
  readEventMetadata,
} from './index';
import type { EventAttributes, LogRecord } from './index';

function recordWith(headers: Record<string, Buffer | string>): LogRecord {
  return new LooseRecord({
    topic: 'flights',
    partition: 3,
    offset: 17n,
    key: Buffer.from('f-1'),
    value: Buffer.alloc(0),
    timestampMs: 1_000,
    headers: Object.entries(headers).map(([name, value]) => [name, Buffer.from(value)]),
  });
}

const recordOf = (event: EventAttributes): LogRecord => {
  const { sharedHeaders, headers } = encodeEventHeaders(event);
  return recordWith({ ...sharedHeaders, ...headers });
};

describe('the headers of an event', () => {
  it('carry every attribute there and back', () => {
    const event = {
      id: '1',
      source: '/tower',
      type: 'flights.FlightLanded',
      time: new Date('2001-01-01T00:00:00.000Z'),
      subject: 'SFO',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    };
    const { id, source, type, time, subject, traceparent } = readEventMetadata(recordOf(event));
    expect({ id, source, type, time, subject, traceparent }).toEqual(event);
  });

  it('come with the place of the record and its key', () => {
    const event = { id: '1', source: '/tower', type: 'flights.FlightLanded', time: new Date(0) };
    const { topic, partition, offset, key, subject } = readEventMetadata(recordOf(event));
    expect({ topic, partition, offset, key, subject }).toEqual({
      ...{ topic: 'flights', partition: 3, offset: 17n, key: 'f-1', subject: undefined },
    });
  });

  it('keep extension attributes, which are read when somebody asks for one', () => {
    const event = {
      id: '1',
      source: '/tower',
      type: 'flights.FlightLanded',
      time: new Date(0),
      extensions: { partitionkey: 'f-1', sequence: '7' },
    };
    expect(encodeEventHeaders(event).headers).toMatchObject({ ce_partitionkey: 'f-1', ce_sequence: '7' });
    const metadata = readEventMetadata(recordOf(event));
    expect([metadata.extension('sequence'), metadata.extension('colour')]).toEqual(['7', undefined]);
  });

  it('that events of one type and source have in common are one object, and those of others another', () => {
    const event = { id: '1', source: '/tower', type: 'flights.FlightLanded', time: new Date(0) };
    const { sharedHeaders } = encodeEventHeaders(event);
    expect(sharedHeaders).toEqual({
      ce_specversion: '1.0',
      ce_type: 'flights.FlightLanded',
      ce_source: '/tower',
      'content-type': 'application/avro',
    });
    expect(encodeEventHeaders({ ...event, id: '2' }).sharedHeaders).toBe(sharedHeaders);
    expect(encodeEventHeaders({ ...event, source: '/gate' }).sharedHeaders).not.toBe(sharedHeaders);
  });

  it('that lack the identity make an error that names the record and the header', () => {
    const read = () => readEventMetadata(recordWith({ ce_id: '1', ce_type: 'x' }));
    expect(read).toThrow(NotAnEventError);
    expect(read).toThrow(/flights\/3\/17.*ce_source/);
  });
});

describe('a position', () => {
  it('has one text form, there and back, beyond 2^53', () => {
    const position = { topic: 'a.b-c_d', partition: 12, offset: 9_007_199_254_740_993n };
    expect(parsePosition(formatPosition(position))).toEqual(position);
  });

  it.each(['', 'flights', 'flights/1', 'flights/x/1', 'flights/1/-1', 'a b/1/1'])('refuses %j', (text) => {
    expect(() => parsePosition(text)).toThrow(/expected <topic>\/<partition>\/<offset>/);
  });
});
