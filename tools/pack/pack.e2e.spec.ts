import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { catalogue } from '@millrace/contracts';
import { applyCatalogue, readLog, startTestStack } from '@millrace/testing';
import type { TestStack } from '@millrace/testing';

const run = promisify(execFile);
const INSTALL = ['install', '--no-audit', '--no-fund', '--silent', '--prefer-offline'];

const service = `
import { FlightLanded } from '@millrace/contracts';
import { httpPublisher, isPublishError, type Publisher } from '@millrace/client';
import { kafkaPublisher } from '@millrace/client-kafka';
import { Outbox, outboxMigrationSql, type OutboxTransaction } from '@millrace/outbox';

const [url, broker, registryUrl] = process.argv.slice(2) as [string, string, string];
const source = '/services/arrivals';

async function land(publisher: Publisher, flightId: string): Promise<string> {
  const { position } = await publisher.publish(FlightLanded, { flightId, origin: 'ATL', destination: 'BOS', delayMinutes: 3 });
  return position;
}

await using http = httpPublisher({ url, source });
await using kafka = await kafkaPublisher({ brokers: [broker], registryUrl, source });
const positions = [await land(http, 'over-http'), await land(kafka, 'over-kafka')];
const refused: unknown = await land(kafka, '').catch((error: unknown) => error);
const statements: string[] = [];
const tx: OutboxTransaction = {
  query: async (text) => {
    statements.push(text);
    return { rows: [{ value: '1' }] };
  },
};
const landed = { flightId: 'f', origin: 'ATL', destination: 'BOS', delayMinutes: 3 };
await new Outbox({ source }).append(tx, FlightLanded, landed);
const called = statements.map((text) => /millrace_outbox.\\w+/.exec(text)?.[0]);
const made = outboxMigrationSql().includes('CREATE FUNCTION millrace_outbox.append');
console.log(JSON.stringify({ positions, code: isPublishError(refused) && refused.code, called, made }));
`;

const wrong = `
import { FlightLanded } from '@millrace/contracts';
import { httpPublisher } from '@millrace/client';

await httpPublisher({ url: 'http://127.0.0.1:1', source: '/s' }).publish(FlightLanded, { flightId: 7 });
`;

describe('the packages of npm run pack', () => {
  let directory: string;
  let tarballs: string[];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'millrace-pack-'));
    const packed = join(directory, 'packed');
    await run(process.execPath, ['dist/tools/pack/main.js', packed]);
    tarballs = (await readdir(packed)).map((name) => join(packed, name));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  /** A project of somebody's own: nothing but what it installs. */
  async function project(name: string, files: Readonly<Record<string, string>>): Promise<string> {
    const home = join(directory, name);
    await mkdir(home);
    const compilerOptions = {
      target: 'es2024',
      module: 'nodenext',
      strict: true,
      noEmit: true,
      lib: ['es2024', 'esnext.disposable'],
      types: ['node'],
      typeRoots: [resolve('node_modules/@types')],
    };
    await writeFile(join(home, 'package.json'), '{ "private": true, "type": "module" }');
    await writeFile(join(home, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    for (const [file, text] of Object.entries(files)) await writeFile(join(home, file), text);
    return home;
  }

  const check = (cwd: string) =>
    run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', '.'], { cwd });

  it('give a service that publishes over HTTP nothing but the client and the contracts', async () => {
    const home = await project('over-http', { 'wrong.ts': wrong });
    const needed = tarballs.filter((file) => /millrace-(client|contracts)-\d/.test(file));
    await run('npm', [...INSTALL, '--offline', ...needed], { cwd: home });
    expect((await readdir(join(home, 'node_modules/@millrace'))).sort()).toEqual(['client', 'contracts']);
    const manifest = await readFile(join(home, 'node_modules/@millrace/client/package.json'), 'utf8');
    expect(Object.keys((JSON.parse(manifest) as { dependencies: object }).dependencies)).toEqual([
      '@millrace/contracts',
    ]);

    // A payload that breaks its contract does not compile there either.
    await expect(check(home)).rejects.toMatchObject({
      stdout: expect.stringContaining('wrong.ts(5') as string,
    });
  });

  describe('with a stack', () => {
    let stack: TestStack;

    beforeAll(async () => {
      stack = await startTestStack();
    });
    afterAll(() => stack.stop());

    it('are installed by plain npm, compile in a strict project, and publish over HTTP and straight to Kafka', async () => {
      const { kafkaBrokers: brokers, schemaRegistryUrl: registryUrl } = stack.addresses;
      await applyCatalogue(catalogue, { brokers, registryUrl });
      const producer = await stack.startService('producer', {});
      const home = await project('everything', { 'service.ts': service });
      await run('npm', [...INSTALL, ...tarballs], { cwd: home });
      await check(home);
      const args = ['service.ts', producer.url, brokers[0] ?? '', registryUrl];
      const { stdout } = await run(process.execPath, args, { cwd: home });
      const { positions, ...others } = JSON.parse(stdout) as { positions: string[]; code: string };
      expect(others).toEqual({ code: 'PUBLISH_REFUSED', called: ['millrace_outbox.append'], made: true });
      const log = await readLog('flights', brokers);
      expect(log.map(({ key, partition, offset }) => `${key} flights/${partition}/${offset}`).sort()).toEqual(
        [`over-http ${positions[0]}`, `over-kafka ${positions[1]}`],
      );
    });
  });
});
