import { catalogue } from '@millrace/contracts';
import { createKafkaClient, KafkaCluster } from '@millrace/kafka';
import { freePort } from '@millrace/stack';
import { compactTopic, readLog, silentLogger, startTestStack, waitFor } from '@millrace/testing';
import type { TestStack } from '@millrace/testing';
import { runCli } from './run-cli';
import type { CliResult } from './run-cli';

const topicNames = catalogue.topics.map(({ name }) => name);
const oneLine = /^millrace: [^\n]+\n$/;

describe('millrace', () => {
  it('explains itself and its commands with --help, and needs no server for that', async () => {
    const help = await runCli(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const word of [
      'topics',
      'schema',
      'events',
      'PRODUCER_URL',
      'KAFKA_BROKERS',
      'SCHEMA_REGISTRY_URL',
      'replay',
      'projections',
      'REPLAY_URL',
      'groups',
      'CONSUMER_URL',
      'docs/configuration.md',
    ]) {
      expect(help.stdout).toContain(word);
    }
    const topics = await runCli(['topics', '--help']);
    expect(topics.stdout).toMatch(/plan.*exits with 2/s);
    expect(topics.stdout).toMatch(/apply.*never shrinks, deletes or\s+repartitions/s);
  });

  it('refuses a command that it does not know, with the nearest one', async () => {
    const result = await runCli(['topic']);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/unknown command 'topic'\n\(Did you mean topics\?\)/);
  });

  it.each([
    [['topics', 'plan'], 'KAFKA_BROKERS'],
    [['topics', 'apply'], 'KAFKA_BROKERS'],
    [['schema', 'register'], 'SCHEMA_REGISTRY_URL'],
  ])('names the variable that %j misses', async (args, variable) => {
    const result = await runCli(args);
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(oneLine);
    expect(result.stderr).toMatch(new RegExp(`^millrace: ${variable}: expected .*not set`));
  });

  it.each([
    ['Kafka', ['topics', 'plan'], 'KAFKA_BROKERS', ''],
    ['the registry', ['schema', 'register'], 'SCHEMA_REGISTRY_URL', 'http://'],
    ['the consumer', ['groups', 'list'], 'CONSUMER_URL', 'http://'],
    ['the replay service', ['replay', 'list'], 'REPLAY_URL', 'http://'],
    ['the replay service', ['projections', 'rollback', 'flight'], 'REPLAY_URL', 'http://'],
  ])(
    'says in one line that %s cannot be reached, and where it was looked for',
    async (_what, args, name, scheme) => {
      const address = `${scheme}127.0.0.1:${await freePort()}`;
      const result = await runCli(args, { [name]: address });
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toMatch(oneLine);
      expect(result.stderr).toMatch(new RegExp(`${address} .*is ${name} right\\?`));
    },
  );

  describe('with a fresh cluster', () => {
    let stack: TestStack;
    let run: (...args: string[]) => Promise<CliResult>;

    beforeAll(async () => {
      stack = await startTestStack();
      const { kafkaBrokers, schemaRegistryUrl } = stack.addresses;
      run = (...args) =>
        runCli(args, { KAFKA_BROKERS: kafkaBrokers.join(','), SCHEMA_REGISTRY_URL: schemaRegistryUrl });
    });
    afterAll(() => stack.stop());

    it('topics plan shows what apply would do, exits with 2, and does nothing', async () => {
      const plan = await run('topics', 'plan', '--fit-replication');
      expect(plan).toMatchObject({ code: 2, stderr: '' });
      for (const { name, partitions, replication } of catalogue.topics) {
        expect(plan.stdout).toContain(
          `create ${name}: ${partitions} partitions, replication 1 (declared ${replication.factor}), 1 in sync`,
        );
      }
      expect(await run('topics', 'plan', '--fit-replication')).toEqual(plan);
    });

    it('topics apply says why Kafka did not create a topic, in one line', async () => {
      const result = await run('topics', 'apply');
      expect(result.code).toBe(1);
      expect(result.stderr).toMatch(oneLine);
      expect(result.stderr).toMatch(/flights \(.*replication.*--fit-replication/i);
    });

    it('topics apply makes the topics, and then plan exits with 0', async () => {
      const applied = await run('topics', 'apply', '--fit-replication');
      expect(applied).toMatchObject({ code: 0, stderr: '' });
      for (const name of topicNames) {
        expect(applied.stdout).toContain(`create ${name}`);
        expect(await readLog(name, stack.addresses.kafkaBrokers)).toEqual([]);
      }
      const done = `as declared: ${topicNames.join(', ')}\n`;
      expect(await run('topics', 'plan', '--fit-replication')).toEqual({ code: 0, stdout: done, stderr: '' });
      expect(await run('topics', 'apply', '--fit-replication')).toEqual({
        code: 0,
        stdout: done,
        stderr: '',
      });
    });

    it('topics apply does not let Kafka delete records, unless it is told to', async () => {
      // As nobody declares it: to make it `delete` again is to delete by age.
      await compactTopic('flights', stack.addresses.kafkaBrokers);
      const refused = await run('topics', 'apply', '--fit-replication');
      expect(refused).toMatchObject({ code: 1, stderr: '' });
      expect(refused.stdout).toMatch(/refuse flights: cleanup\.policy compact -> delete: .*--allow-deletion/);
      expect(await run('topics', 'plan', '--fit-replication')).toMatchObject({ code: 2 });
      expect(await run('topics', 'apply', '--fit-replication', '--allow-deletion')).toMatchObject({
        code: 0,
      });
      expect(await run('topics', 'plan', '--fit-replication')).toMatchObject({ code: 0 });
    });

    it('topics apply refuses another partition count, and exits with 1', async () => {
      const { kafkaBrokers: brokers } = stack.addresses;
      const kafka = createKafkaClient({ brokers, clientId: 'specs', log: silentLogger });
      const admin = kafka.admin();
      const cluster = new KafkaCluster(kafka);
      try {
        await admin.connect();
        await admin.createPartitions({ topicPartitions: [{ topic: 'flights', count: 9 }] });
        const result = await run('topics', 'apply', '--fit-replication');
        expect(result).toMatchObject({ code: 1, stderr: '' });
        expect(result.stdout).toMatch(/^refuse flights: it has 9 partitions and 6 are declared/);
        expect(await run('topics', 'plan', '--fit-replication')).toMatchObject({ code: 2 });
        expect(await cluster.logBounds('flights')).toHaveLength(9);
      } finally {
        await Promise.all([admin.disconnect(), cluster.close()]);
      }
    });

    it('schema register prints the schema of every subject, the same ones each time', async () => {
      const first = await run('schema', 'register');
      expect(first).toMatchObject({ code: 0, stderr: '' });
      const lines = first.stdout.trim().split('\n');
      expect(lines.map((line) => line.split(':')[0])).toEqual(catalogue.events.map(({ subject }) => subject));
      expect(lines.every((line) => /^\S+: schema \d+$/.test(line))).toBe(true);
      expect(await run('schema', 'register')).toEqual(first);
    });

    it('groups shows what one of two consumers knows, and what it does not', async () => {
      const CONSUMER_GROUPS = 'examples/flights/groups/delay-alerts';
      const [first] = await Promise.all(
        ['consumer', 'consumer-2'].map((name) => stack.startService('consumer', { CONSUMER_GROUPS }, name)),
      );
      const groups = (...args: string[]) => runCli(['groups', ...args], { CONSUMER_URL: first!.url });
      const listed = await waitFor('both to hold partitions', async () => {
        const result = await groups('list');
        return /│ joined │ 9, [1-8] elsewhere │/.test(result.stdout) && result;
      });
      expect(listed).toMatchObject({ code: 0, stderr: '' });
      expect(listed.stdout).toMatch(
        /│ delay-alerts │ joined │ 9, . elsewhere │ +0 │ +0 s │ +0\/s │ .*│ +0 │\n/,
      );
      expect(listed.stdout).toMatch(/\nelsewhere: another process .*\n.* of all processes\.\n$/);
      const shown = await groups('show', 'delay-alerts', '--check');
      expect(shown).toMatchObject({ code: 0, stderr: '' });
      expect(shown.stdout).toMatch(/^delay-alerts is joined\n/);
      expect(shown.stdout.match(/│ flights\/\d +│ (running|elsewhere|opening) +│ +0 │/g)).toHaveLength(9);
      const group = JSON.parse((await groups('show', 'delay-alerts', '--json')).stdout) as unknown;
      expect(group).toMatchObject({ name: 'delay-alerts', partitions: { length: 9 } });
      const unknown = await groups('show', 'delay-alarms');
      expect(unknown).toMatchObject({ code: 1, stdout: '' });
      expect(unknown.stderr).toMatch(oneLine);
      expect(unknown.stderr).toMatch(/"delay-alarms".*hosts: delay-alerts.*CONSUMER_URL/);
    });

    it('says in one line that Kafka is down', async () => {
      await stack.servers.kafka?.kill('SIGKILL');
      const result = await run('topics', 'plan');
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toMatch(oneLine);
      expect(result.stderr).toContain(stack.addresses.kafkaBrokers[0]);
    });
  });
});
