import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { catalogue } from '@millrace/contracts';
import { compiledTree, fetchWithMaven, findJava } from '@millrace/stack';
import type { FetchedThing } from '@millrace/stack';
import type { Measured } from './figure';

/** As the embedded stack needs it. */
const JAVA_MINIMUM = 21;

/** A Java that has what a pom.xml pins on its class path. */
export interface JavaProgram {
  /** Runs the program once and gives the one line of JSON that it prints. @throws Error when it ends badly */
  run(args: readonly string[]): Promise<Measured>;
}

/** Fetches what the program needs, once. `source`: its one file, from the root of the compiled tree. */
export async function javaProgram(thing: FetchedThing, source: string): Promise<JavaProgram> {
  const java = findJava({ minimum: JAVA_MINIMUM, env: process.env });
  const fetched = await fetchWithMaven(thing, {
    ...{ env: process.env, javaHome: java.home },
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
  // RocksDB is a native library.
  const flags = ['-cp', join(fetched, 'lib', '*'), '-Xmx1g', '--enable-native-access=ALL-UNNAMED'];
  return {
    run: (args) => runJava(java.executable, source, [...flags, join(compiledTree(), source), ...args]),
  };
}

/** The schemas of the catalogue's events as the arguments of a program: each one's id, then itself. */
export async function schemasById(registryUrl: string): Promise<string[]> {
  const registry = new SchemaRegistry({ host: registryUrl });
  const pairs = catalogue.events.map(async ({ subject, schema }) => [
    String(await registry.getLatestSchemaId(subject)),
    JSON.stringify(schema),
  ]);
  return (await Promise.all(pairs)).flat();
}

function runJava(executable: string, source: string, args: readonly string[]): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const child = spawn(executable, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const printed: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
    child.once('error', reject).once('close', (code) => {
      const line = Buffer.concat(printed).toString().trim();
      if (code === 0 && line.startsWith('{')) resolve(JSON.parse(line) as Measured);
      else reject(new Error(`${source} ended with ${code}: ${line}`));
    });
  });
}
