import { generated, orders, problemsOf } from './trial-sources';

describe('upcasters of a domain', () => {
  const upcasters = `import { defineUpcaster } from '@millrace/contracts';

export const upcasters = [
  defineUpcaster<{ cents: number }>({
    name: 'cents-to-price',
    event: 'orders.OrderPlaced',
    writtenWith: { has: ['cents'] },
    upcast: ({ cents, ...others }) => ({ ...others, price: cents / 100 }),
  }),
];
`;

  it('go into the catalogue, and are compiled beside it', async () => {
    const files = await generated({ ...orders([]), 'orders/upcasters.ts': upcasters });
    expect(files['orders-upcasters.ts']).toContain("import { defineUpcaster } from '../upcaster';");
    expect(files['orders-upcasters.ts']).toContain("name: 'cents-to-price'");
    expect(files['catalogue.ts']).toContain(
      "import { upcasters as ordersUpcasters } from './orders-upcasters';",
    );
    expect(files['catalogue.ts']).toContain('upcasters: [...ordersUpcasters]');
    expect((await generated(orders([])))['catalogue.ts']).not.toContain('upcasters');
  });

  it.each([
    ['static', "import { readFileSync } from 'node:fs';", /imports node:fs; an upcaster is a function/],
    ['dynamic', "const fs = await import('node:fs');", /imports node:fs/],
    ['bare', "import './setup';", /imports \.\/setup/],
  ])('may import nothing that leads out of them: %s', async (_what, line, message) => {
    const text = `${line}\n${upcasters}`;
    expect(await problemsOf({ ...orders([]), 'orders/upcasters.ts': text })).toEqual([
      expect.stringMatching(message),
    ]);
  });

  it('are missing where the file exports none of that name', async () => {
    const text = upcasters.replace('export const upcasters', 'export const upcaster');
    expect(await problemsOf({ ...orders([]), 'orders/upcasters.ts': text })).toEqual([
      expect.stringMatching(/^schemas\/orders\/upcasters\.ts: .*export const upcasters/),
    ]);
  });
});
