import { SchemaSourceError } from '@millrace/schema-sources';
import type { SourceFile } from '@millrace/schema-sources';
import { generate } from './generate';

const index =
  "export { x } from './x';\n\n// <generated> marks\nstale\n// </generated>\nexport { y } from './y';\n";

export const topicsYaml = `
topics:
  - name: orders
    description: What happens to an order.
    owner: orders-team
    partitions: 3
    replication: { factor: 3, minInSync: 2 }
    retention: 7d
    cleanup: delete
    key: orderId
    events: [OrderPlaced]
`;

export const orderId = { name: 'orderId', type: 'string' };

export function record(name: string, fields: readonly object[]): object {
  return { type: 'record', name, namespace: 'orders', fields };
}

function sources(files: Readonly<Record<string, string | object>>): SourceFile[] {
  return Object.entries(files).map(([name, content]) => ({
    path: `schemas/${name}`,
    text: typeof content === 'string' ? content : JSON.stringify(content),
  }));
}

/** The generated files by their last part. */
export async function generated(
  files: Readonly<Record<string, string | object>>,
): Promise<Record<string, string>> {
  const style = { singleQuote: true, printWidth: 110 };
  const output = await generate({ sources: sources(files), index, style });
  return Object.fromEntries(output.map(({ path, text }) => [path.split('/').at(-1) ?? path, text]));
}

/** The domain with one event of these fields. */
export function orders(fields: readonly object[]): Record<string, string | object> {
  return {
    'orders/topics.yaml': topicsYaml,
    'orders/OrderPlaced.avsc': record('OrderPlaced', [orderId, ...fields]),
  };
}

export async function problemsOf(files: Readonly<Record<string, string | object>>): Promise<string[]> {
  const error: unknown = await generated(files).catch((reason: unknown) => reason);
  return error instanceof SchemaSourceError ? error.message.split('\n') : [];
}
