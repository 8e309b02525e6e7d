import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { createKafkaClient, withCluster } from '@millrace/kafka';
import type { KafkaCluster } from '@millrace/kafka';
import { declaredTopic, silentLogger } from '@millrace/testing';
import { StackDirectoryInUseError } from './directory-lock';
import { isPortFree } from './ports';
import { identifyProcess } from './process-identity';
import { openStack, type OpenStackOptions, type Stack } from './stack';

/** One that must survive. */
const topic = declaredTopic('kept', { partitions: 2 });

async function askKafka<T>(stack: Stack, ask: (cluster: KafkaCluster) => Promise<T>): Promise<T> {
  const brokers = stack.addresses.kafkaBrokers;
  return withCluster(createKafkaClient({ brokers, clientId: 'stack-test', log: silentLogger }), ask);
}

async function subjects(stack: Stack): Promise<unknown> {
  return (await fetch(`${stack.addresses.schemaRegistryUrl}/subjects`)).json();
}

function pidsOf(stack: Stack): number[] {
  return Object.values(stack.servers).map((server) => server.pid ?? -1);
}

function living(pids: readonly number[]): number[] {
  return pids.filter((pid) => identifyProcess(pid) !== undefined);
}

/** One run on one directory, from its first start to its last: the tests build on each other, in this order. */
describe('the embedded stack', () => {
  let directory: string;
  let stack: Stack;

  const open = (options: Partial<OpenStackOptions> = {}): Promise<Stack> => {
    const { KAFKA_BROKERS: _k, SCHEMA_REGISTRY_URL: _s, DATABASE_URL: _d, ...env } = process.env;
    return openStack({ directory, env, durable: false, ...options });
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-stack-'));
    stack = await open();
  });
  afterAll(async () => {
    await stack.stop();
    await rm(directory, { recursive: true });
  });

  it('starts all three on loopback, each with its log in a file', async () => {
    await askKafka(stack, async (cluster) => cluster.applyTopics(await cluster.planTopics([topic])));
    const response = await fetch(`${stack.addresses.schemaRegistryUrl}/subjects/kept/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ schema: '"string"' }),
    });
    expect(response.status).toBe(200);
    const database = new URL(stack.addresses.databaseUrl);
    expect([database.hostname, database.pathname]).toEqual(['127.0.0.1', '/millrace']);
    expect(await isPortFree(Number(database.port))).toBe(false);
    const logs = ['kafka', 'registry', 'postgres'].map((name) => join(directory, 'logs', `${name}.log`));
    expect(logs.filter((file) => !existsSync(file))).toEqual([]);
  });

  it('refuses a second stack on the same directory, and names the process that has it', async () => {
    await expect(open()).rejects.toThrow(StackDirectoryInUseError);
    await expect(open()).rejects.toThrow(`process ${process.pid}`);
  });

  it('brings a broker that was killed back on the same port with its topics', async () => {
    const { kafka } = stack.servers;
    const id = await askKafka(stack, (cluster) => cluster.id());
    await kafka?.kill('SIGKILL');
    await expect(isPortFree(Number(stack.addresses.kafkaBrokers[0]?.split(':')[1]))).resolves.toBe(true);
    await kafka?.restart();
    expect(await askKafka(stack, (cluster) => cluster.id())).toBe(id);
    expect(await askKafka(stack, (cluster) => cluster.logBounds('kept'))).toHaveLength(2);
  });

  it('leaves no process when it stops, and has its data and its ports again when it starts', async () => {
    const { addresses } = stack;
    const pids = pidsOf(stack);
    expect(living(pids)).toHaveLength(3);
    await stack.stop();
    expect(living(pids)).toEqual([]);
    stack = await open();
    expect(stack.addresses).toEqual(addresses);
    expect(await subjects(stack)).toEqual(['kept']);
    expect(await askKafka(stack, (cluster) => cluster.logBounds('kept'))).toHaveLength(2);
    await stack.stop();
  });

  it('stops what it started when its start is given up in the middle', async () => {
    const abort = new AbortController();
    const giveUp = (): void => abort.abort(new Error('given up'));
    // PostgreSQL is the first to be ready; the other two are under way then.
    await expect(open({ signal: abort.signal, onProgress: giveUp })).rejects.toThrow('given up');
    expect(readdirSync(directory).filter((name) => name.startsWith('stack.lock'))).toEqual([]);
  });

  it('leaves no process when its parent is killed with SIGKILL', async () => {
    const script = `
      const { openStack } = await import(${JSON.stringify(join(process.cwd(), 'dist/libs/stack/src/index.js'))});
      const { servers } = await openStack({ directory: ${JSON.stringify(directory)}, durable: false });
      console.log(JSON.stringify(Object.values(servers).map(({ pid }) => pid)));
      setInterval(() => {}, 1000);`;
    const { KAFKA_BROKERS: _k, SCHEMA_REGISTRY_URL: _s, DATABASE_URL: _d, ...env } = process.env;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: parent.stdout })[Symbol.asyncIterator]();
    const { value } = (await lines.next()) as { value: string };
    const pids = JSON.parse(value) as number[];
    expect(living(pids)).toHaveLength(3);
    parent.kill('SIGKILL');
    const deadline = Date.now() + 12_000;
    while (living(pids).length > 0 && Date.now() < deadline) await delay(50);
    expect(living(pids)).toEqual([]);
  });

  it('takes over from the killed parent, and begins anew when it is told to', async () => {
    stack = await open({ fresh: true });
    expect(await subjects(stack)).toEqual([]);
    await expect(askKafka(stack, (cluster) => cluster.logBounds('kept'))).rejects.toThrow();
  });
});
