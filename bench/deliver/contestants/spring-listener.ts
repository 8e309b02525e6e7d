import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { catalogue } from '@millrace/contracts';
import { compiledTree, fetchWithMaven, findJava } from '@millrace/stack';
import type { Contestant, Measured } from '../../figure';
import type { DeliverStack } from '../deliver-stack';
import type { Counting } from '../handled';

const SPRING = {
  pom: 'bench/deliver/spring/pom.xml',
  name: 'bench-spring',
  what: 'Spring Kafka, Avro and JDBC (once, about 40 MB)',
};
/** As the embedded stack needs it. */
const JAVA_MINIMUM = 21;

export interface SpringListenerOptions {
  readonly stack: DeliverStack;
  readonly name: string;
  /** How it is set up, for the reader. */
  readonly settings: string;
  readonly tuned: boolean;
  readonly counting: Counting;
  /** What it does with a record, over JDBC. Default: nothing. */
  readonly effect?: { readonly databaseUrl: string; readonly statement: string };
}

/** Spring Kafka in a Java of its own, new in each round. */
export async function springListener(options: SpringListenerOptions): Promise<Contestant> {
  const { stack, name, settings, tuned, counting, effect } = options;
  const java = findJava({ minimum: JAVA_MINIMUM, env: process.env });
  const fetched = await fetchWithMaven(SPRING, {
    ...{ env: process.env, javaHome: java.home },
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
  const args = [
    ...[
      '-cp',
      join(fetched, 'lib', '*'),
      '-Xmx1g',
      join(compiledTree(), 'bench/deliver/spring/Listener.java'),
    ],
    ...[stack.brokers.join(), stack.topic, tuned ? 'tuned' : 'defaults'],
    ...[String(counting.warmUp), String(counting.counted)],
    ...(effect === undefined
      ? ['-', '-']
      : [jdbcUrl(effect.databaseUrl), effect.statement.replaceAll('$1', '?')]),
    ...(await schemasById(stack.registryUrl)),
  ];
  return {
    name,
    settings,
    round: () => runJava(java.executable, args),
    close: () => Promise.resolve(),
  };
}

/** Each schema's id, then the schema. */
async function schemasById(registryUrl: string): Promise<string[]> {
  const registry = new SchemaRegistry({ host: registryUrl });
  const pairs = catalogue.events.map(async ({ subject, schema }) => [
    String(await registry.getLatestSchemaId(subject)),
    JSON.stringify(schema),
  ]);
  return (await Promise.all(pairs)).flat();
}

function jdbcUrl(databaseUrl: string): string {
  const { host, pathname, username, password } = new URL(databaseUrl);
  const user = new URLSearchParams({
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  });
  return `jdbc:postgresql://${host}${pathname}?${user.toString()}`;
}

function runJava(executable: string, args: readonly string[]): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = spawn(executable, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const printed: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
    child.once('error', reject).once('close', (code) => {
      const line = Buffer.concat(printed).toString().trim();
      if (code === 0 && line.startsWith('{')) resolve(JSON.parse(line) as Measured);
      else reject(new Error(`Spring Kafka's listener ended with ${code}: ${line}`));
    });
  });
}
