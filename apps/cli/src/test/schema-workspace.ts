import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from './run-cli';
import type { CliResult } from './run-cli';

type Fields = readonly object[];

export const orderId = { name: 'orderId', type: 'string' };

/** A git repository of its own with a domain `orders`, for `millrace schema`. */
export class SchemaWorkspace {
  readonly root = mkdtempSync(join(tmpdir(), 'millrace-schemas-'));

  constructor() {
    this.git('init', '-q', '-b', 'main');
    this.git('config', 'user.name', 'specs');
    this.git('config', 'user.email', 'specs@localhost');
    this.topic({});
  }

  git(...args: readonly string[]): string {
    return execFileSync('git', args, { cwd: this.root, encoding: 'utf8' }).trim();
  }

  write(path: string, content: object | string): void {
    const file = join(this.root, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  }

  /** Writes the topic `orders`. */
  topic({ level = 'FULL_TRANSITIVE', events = ['OrderPlaced'], key = 'orderId', name = 'orders' }): void {
    const lines = [
      `topics:`,
      `  - name: ${name}`,
      `    description: What happens to an order.`,
      `    owner: orders-team`,
      `    partitions: 3`,
      `    replication: { factor: 3, minInSync: 2 }`,
      `    retention: 7d`,
      `    cleanup: delete`,
      `    key: ${key}`,
      `    compatibility: ${level}`,
      `    events: [${events.join(', ')}]`,
    ];
    this.write('schemas/orders/topics.yaml', `${lines.join('\n')}\n`);
  }

  /** Writes the record of an event, with the key field first. */
  event(fields: Fields, { name = 'OrderPlaced', ...more }: { readonly name?: string } & object = {}): void {
    const record = { type: 'record', name, namespace: 'orders', ...more, fields: [orderId, ...fields] };
    this.write(`schemas/orders/${name}.avsc`, record);
  }

  /** Commits everything and gives the short hash, as the command shows it. */
  commit(): string {
    this.git('add', '-A');
    this.git('commit', '-q', '--allow-empty', '-m', 'schemas');
    return this.git('rev-parse', '--short=8', 'HEAD');
  }

  check(...args: readonly string[]): Promise<CliResult> {
    return runCli(['schema', 'check', ...args], {}, { cwd: this.root });
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
