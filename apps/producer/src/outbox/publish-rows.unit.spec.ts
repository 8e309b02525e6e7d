import { RecordRefusedError, WriterClosedError } from '@millrace/kafka';
import type { IncomingEvent } from '../envelope';
import { EventTypeNotFoundError } from '../errors';
import type { PreparedEvent } from '../write-path';
import { HeldKeys } from './held-keys';
import type { OutboxRow } from './outbox-row';
import { publishRows } from './publish-rows';

const row = (number: number, key: string | null, fields: Partial<OutboxRow> = {}): OutboxRow => ({
  number: BigInt(number),
  topic: 'trial',
  key,
  type: 'trial.Thing',
  id: `id-${number}`,
  source: '/specs',
  time: '2001-01-01T12:00:00.000Z',
  subject: null,
  traceparent: null,
  extensions: null,
  data: '{}',
  ...fields,
});

/** A log that takes what it is told to take; the ids, in the order in which they were appended. */
class ScriptedLog {
  readonly appended: string[] = [];

  constructor(private readonly refuses: Readonly<Record<string, Error>> = {}) {}

  prepare = ({ attributes }: IncomingEvent): PreparedEvent => {
    if (attributes.type !== 'trial.Thing') throw new EventTypeNotFoundError(attributes.type, []);
    return { topic: 'trial', key: attributes.id, value: Buffer.alloc(0), headers: {}, attributes };
  };

  append = async ({ key }: PreparedEvent) => {
    this.appended.push(String(key));
    const refused = this.refuses[String(key)];
    await Promise.resolve();
    if (refused !== undefined) throw refused;
    return { topic: 'trial', partition: 0, offset: 0n };
  };
}

const rules = { defaultSource: '/specs', maxExtensions: 1, maxExtensionBytes: 20, maxEventBytes: 100 };

describe('publishing rows of an outbox', () => {
  const tooLarge = new RecordRefusedError({ topic: 'trial', partition: 0 }, 9, new Error('too large'));

  it('appends them in their order before it returns, and sets nothing aside', async () => {
    const log = new ScriptedLog();
    const publishing = publishRows([row(1, 'a'), row(2, 'b'), row(3, 'a')], {
      writePath: log,
      held: new HeldKeys(),
      rules,
    });
    expect(log.appended).toEqual(['id-1', 'id-2', 'id-3']);
    expect(await publishing).toEqual([]);
  });

  it('sets aside what can never be published, with what follows under its key; other keys flow', async () => {
    const log = new ScriptedLog();
    const held = new HeldKeys();
    const rows = [row(1, 'a', { type: 'trial.Gone' }), row(2, 'b'), row(3, 'a'), row(4, 'b')];
    expect(await publishRows(rows, { writePath: log, held, rules })).toEqual([
      { number: 1n, code: 'EVENT_TYPE_NOT_FOUND', reason: expect.stringContaining('trial.Gone') as unknown },
      { number: 3n, code: null, reason: null },
    ]);
    expect(log.appended).toEqual(['id-2', 'id-4']);
    expect(await publishRows([row(5, 'a'), row(6, 'c')], { writePath: log, held, rules })).toEqual([
      { number: 5n, code: null, reason: null },
    ]);
  });

  it.each([
    ['data that is no JSON', { data: '{' }, 'JSON_SYNTAX'],
    ['data that is too large to be read', { data: null }, 'EVENT_TOO_LARGE'],
    ['an attribute that CloudEvents does not take', { id: 'a\u0007b' }, 'EVENT_ENVELOPE_INVALID'],
    ['extensions that were too long to be read whole', { extensions: '{"tenant":"a' }, 'JSON_SYNTAX'],
    ['extensions that are no object', { extensions: '["tenant"]' }, 'EVENT_ENVELOPE_INVALID'],
    ['more extensions than allowed', { extensions: '{"a":"1","b":"2"}' }, 'EVENT_ENVELOPE_INVALID'],
    ['another identity among the extensions', { extensions: '{"id":"id-2"}' }, 'EVENT_ENVELOPE_INVALID'],
    ['a time that is none', { time: '20001-01-01' }, 'EVENT_ENVELOPE_INVALID'],
  ])('sets aside %s', async (_what, fields, code) => {
    const options = { writePath: new ScriptedLog(), held: new HeldKeys(), rules };
    expect(await publishRows([row(1, 'a', fields)], options)).toMatchObject([{ number: 1n, code }]);
  });

  it('holds a key from when the broker has refused one of it', async () => {
    const log = new ScriptedLog({ 'id-1': tooLarge });
    const held = new HeldKeys();
    expect(await publishRows([row(1, 'a')], { writePath: log, held, rules })).toMatchObject([
      { number: 1n, code: 'RECORD_REFUSED' },
    ]);
    expect(held.has(row(2, 'a'))).toBe(true);
  });

  it('never holds rows without a key together', async () => {
    const log = new ScriptedLog();
    const rows = [row(1, null, { data: null }), row(2, null)];
    const aside = await publishRows(rows, { writePath: log, held: new HeldKeys(), rules });
    expect(aside.map(({ number }) => number)).toEqual([1n]);
    expect(log.appended).toEqual(['id-2']);
  });

  it('fails as a whole, once all have an outcome, when trying again may help', async () => {
    const log = new ScriptedLog({ 'id-1': new WriterClosedError('trial') });
    const held = new HeldKeys();
    const publishing = publishRows([row(1, 'a'), row(2, 'b')], { writePath: log, held, rules });
    await expect(publishing).rejects.toThrow(WriterClosedError);
    expect(held.has(row(3, 'a'))).toBe(false);
  });
});
