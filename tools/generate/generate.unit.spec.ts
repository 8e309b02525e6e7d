import { generated, orderId, orders, problemsOf, record, topicsYaml } from './trial-sources';

describe('generating from schemas/', () => {
  it('gives a valid empty catalogue when there are no domains', async () => {
    const files = await generated({});
    expect(Object.keys(files)).toEqual(['catalogue.ts', 'index.ts']);
    expect(files['catalogue.ts']).toContain(
      'export const catalogue: Catalogue = { topics: [], events: [] };',
    );
  });

  it('rewrites only the marked part of the index', async () => {
    const text = (await generated(orders([])))['index.ts'];
    expect(text).toMatch(/^export \{ x \}[^]*OrderPlaced[^]*<\/generated>\nexport \{ y \}/);
    expect(text).not.toContain('stale');
  });

  it.each([
    ['int', 'number'],
    ['long', 'bigint'],
    ['bytes', 'Uint8Array'],
    [{ type: 'long', logicalType: 'timestamp-millis' }, 'Date'],
    [{ type: 'long', logicalType: 'timestamp-micros' }, 'bigint'],
    [{ type: 'bytes', logicalType: 'decimal', precision: 9, scale: 2 }, 'string'],
    [{ type: 'fixed', name: 'Hash', size: 4 }, 'Uint8Array'],
    [{ type: 'fixed', name: 'Money', size: 8, logicalType: 'decimal', precision: 9 }, 'string'],
    [{ type: 'long', logicalType: 'made-up' }, 'bigint'],
    [['null', 'string'], 'null | string'],
    [{ type: 'array', items: ['null', 'int'] }, 'readonly (null | number)[]'],
    [{ type: 'map', values: 'long' }, 'Readonly<Record<string, bigint>>'],
    [{ type: 'enum', name: 'Size', symbols: ['S', 'M'] }, 'Size'],
    [record('Address', [{ name: 'street', type: 'string' }]), 'Address'],
  ])('maps %j to %s', async (type, expected) => {
    const text = (await generated(orders([{ name: 'x', type, doc: 'Read me. */' }])))['orders.ts'];
    expect(text).toContain(`  /** Read me. *\\/ */\n  readonly x: ${expected};`);
  });

  it('declares nested records and enums once, and exports them as types', async () => {
    const size = { type: 'enum', name: 'Size', symbols: ['S', 'M'] };
    const files = await generated(
      orders([
        { name: 'a', type: size },
        { name: 'b', type: ['null', 'Size'] },
      ]),
    );
    expect(files['orders.ts']).toContain("export type Size = 'S' | 'M';");
    expect(files['orders.ts']).toContain('readonly b: null | Size;');
    expect(files['index.ts']).toContain("export type { Size } from './generated/orders';");
  });

  it('writes a type from another file into the schema where it is first used', async () => {
    const files = await generated({
      ...orders([
        { name: 'from', type: 'Address' },
        { name: 'to', type: 'orders.Address' },
      ]),
      'orders/Address.avsc': record('Address', [{ name: 'street', type: 'string' }]),
    });
    expect(files['orders.ts']?.replaceAll(/\s+/g, ' ')).toContain(
      "{ name: 'from', type: { type: 'record', name: 'Address', namespace: 'orders', fields: [{ name: 'street', type: 'string' }], }, }, { name: 'to', type: 'orders.Address' }",
    );
  });

  it('takes types from another domain: imported into TypeScript, written out in the schema', async () => {
    const files = await generated({
      ...orders([
        { name: 'price', type: ['null', 'shared.Money'], default: null },
        { name: 'hash', type: 'shared.Hash' },
      ]),
      'shared/topics.yaml': 'topics: []',
      'shared/Money.avsc': {
        type: 'record',
        name: 'Money',
        namespace: 'shared',
        fields: [
          { name: 'cents', type: 'long' },
          { name: 'currency', type: 'Currency', default: 'EUR' },
        ],
      },
      'shared/Currency.avsc': {
        type: 'enum',
        name: 'Currency',
        namespace: 'shared',
        symbols: ['OTHER', 'EUR'],
        default: 'OTHER',
        aliases: ['Coin'],
      },
      'shared/Hash.avsc': { type: 'fixed', name: 'Hash', namespace: 'shared', size: 4 },
    });
    expect(files['orders.ts']).toContain("import type { Money } from './shared';");
    expect(files['orders.ts']).toContain('readonly price: null | Money;');
    expect(files['orders.ts']).toContain('readonly hash: Uint8Array;');
    const text = files['orders.ts']?.replaceAll(/\s+/g, ' ');
    expect(text).toContain(
      "name: 'Currency', namespace: 'shared', symbols: ['OTHER', 'EUR'], default: 'OTHER', aliases: ['Coin']",
    );
    expect(text).toContain(
      "{ name: 'hash', type: { type: 'fixed', name: 'Hash', namespace: 'shared', size: 4 } }",
    );
    expect(files['shared.ts']).toContain('readonly currency: Currency;');
    expect(files['index.ts']).toMatch(/export type \{ [^}]*Money[^}]* \} from '\.\/generated\/shared'/);
  });

  it('turns a topic into a definition with its retention in milliseconds and the default compatibility', async () => {
    const text = (await generated(orders([])))['orders.ts'];
    expect(text).toContain('retentionMs: 604800000');
    expect(text).toContain("compatibility: 'FULL_TRANSITIVE'");
    expect(text).toContain("subject: 'orders-orders.OrderPlaced'");
    expect(text).not.toContain('idempotency');
  });

  it('carries the idempotency window of a topic in milliseconds', async () => {
    const topics = `${topicsYaml}    idempotency: { window: 24h }\n`;
    const text = (await generated({ ...orders([]), 'orders/topics.yaml': topics }))['orders.ts'];
    expect(text).toContain('idempotency: { windowMs: 86400000 }');
  });
});

describe('a mistake in schemas/', () => {
  it('in topics.yaml is named with its file and its place, and so are all others', async () => {
    const broken = topicsYaml
      .replace('partitions: 3', 'partitions: many')
      .replace('7d', '7')
      .replace('owner:', 'ownr:');
    expect(await problemsOf({ ...orders([]), 'orders/topics.yaml': broken })).toEqual([
      expect.stringMatching(/^schemas\/orders\/topics\.yaml: topics\[0\]\.owner: /),
      expect.stringMatching(/^schemas\/orders\/topics\.yaml: topics\[0\]\.partitions: .*number/),
      expect.stringMatching(/^schemas\/orders\/topics\.yaml: topics\[0\]\.retention: .*7d/),
      expect.stringMatching(/^schemas\/orders\/topics\.yaml: topics\[0\]: .*ownr/),
    ]);
  });

  it.each([
    ['is too short to settle a crash in', 'window: 30s', 'delete', /window: expected a duration from 1m/],
    ['has no unit', 'window: 24', 'delete', /window: expected a duration from 1m/],
    ['is on a compacted topic', 'window: 24h', 'compact', /idempotency: needs `cleanup: delete`/],
  ])('such as an idempotency window that %s is refused', async (_, window, cleanup, expected) => {
    const topics = `${topicsYaml.replace('cleanup: delete', `cleanup: ${cleanup}`)}    idempotency: { ${window} }\n`;
    expect(await problemsOf({ ...orders([]), 'orders/topics.yaml': topics })).toEqual([
      expect.stringMatching(expected),
    ]);
  });

  it.each([
    [
      'branches that look alike in JSON',
      { name: 'x', type: ['string', 'bytes'] },
      /string and bytes in one union/,
    ],
    ['a type that nobody defines', { name: 'x', type: 'Adress' }, /no type is called `orders\.Adress`/],
    [
      'a logical type beside the field',
      { name: 'x', type: 'long', logicalType: 'timestamp-millis' },
      /inside the type/,
    ],
    [
      'a logical type on the wrong type',
      { name: 'x', type: { type: 'int', logicalType: 'uuid' } },
      /uuid must stand on/,
    ],
    [
      'a default of another type',
      { name: 'x', type: 'int', default: '1' },
      /x: its default does not fit: expected int$/,
    ],
    [
      'a default of the second branch of a union',
      { name: 'x', type: ['null', 'string'], default: '' },
      /expected null, the first type of the union/,
    ],
    [
      'an incomplete default of a record',
      { name: 'x', type: record('Address', [{ name: 'street', type: 'string' }]), default: {} },
      /`street` is missing/,
    ],
    [
      'a default that is no symbol',
      { name: 'x', type: { type: 'enum', name: 'Size', symbols: ['S'], default: 'M' } },
      /expected one of the symbols, S/,
    ],
    [
      'a symbol twice',
      { name: 'x', type: { type: 'enum', name: 'Size', symbols: ['S', 'S'] } },
      /`S` stands there twice/,
    ],
    [
      'an alias that is no name',
      { name: 'x', type: 'int', aliases: ['a-b'] },
      /aliases: expected a list of names/,
    ],
    [
      'an alias that another field has',
      { name: 'x', type: 'int', aliases: ['orderId'] },
      /`orderId` is the name or an alias of two/,
    ],
    [
      'a fixed without a size',
      { name: 'x', type: { type: 'fixed', name: 'Hash' } },
      /size: expected a number of bytes/,
    ],
    [
      'a type that would hide a global one',
      { name: 'x', type: record('Date', []) },
      /cannot become a TypeScript type/,
    ],
  ])('in a schema is explained: %s', async (_what, field, message) => {
    const problems = await problemsOf(orders([field]));
    expect(problems).toEqual([expect.stringMatching(/^schemas\/orders\/OrderPlaced\.avsc: /)]);
    expect(problems[0]).toMatch(message);
  });

  it.each([
    ['has no topics.yaml', { 'orders/OrderPlaced.avsc': record('OrderPlaced', [orderId]) }],
    [
      'names no record',
      { ...orders([]), 'orders/topics.yaml': topicsYaml.replace('[OrderPlaced]', '[OrderPlace]') },
    ],
    [
      'has no field of that name',
      { ...orders([]), 'orders/topics.yaml': topicsYaml.replace('orderId', 'id') },
    ],
    [
      'cannot be a key',
      {
        ...orders([]),
        'orders/OrderPlaced.avsc': record('OrderPlaced', [{ name: 'orderId', type: ['null', 'string'] }]),
      },
    ],
    ['is in no topic', { ...orders([]), 'orders/Forgotten.avsc': record('Forgotten', []) }],
    ['is not JSON', { ...orders([]), 'orders/OrderPlaced.avsc': '{' }],
    [
      'is declared twice',
      {
        ...orders([]),
        'sales/topics.yaml': topicsYaml,
        'sales/OrderPlaced.avsc': record('OrderPlaced', [orderId]),
      },
    ],
  ])('between files is found: a domain %s', async (_what, files) => {
    expect(await problemsOf(files)).not.toEqual([]);
  });
});
