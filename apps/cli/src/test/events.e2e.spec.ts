import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKafkaClient } from '@millrace/kafka';
import { addressVariables, freePort } from '@millrace/stack';
import { silentLogger, startTestStack, waitFor } from '@millrace/testing';
import type { TestService, TestStack } from '@millrace/testing';
import { applyWithCli, runCli, startCli } from './run-cli';
import type { CliResult, RunningCli } from './run-cli';

const LANDED = 'flights.FlightLanded';
const oneLine = /^millrace: [^\n]+\n$/;

interface Shown {
  readonly position: string;
  readonly key: string | null;
  readonly id?: string;
  readonly type?: string;
  readonly data?: Record<string, unknown>;
  readonly problem?: { readonly code: string };
}

const landing = (flightId: string, delayMinutes = 5, destination = 'SFO'): string =>
  JSON.stringify({ flightId, origin: 'SEA', destination, delayMinutes });
const line = (id: string, flightId: string, delayMinutes?: number, destination?: string): string =>
  `{"type":"${LANDED}","id":"${id}","source":"/specs","data":${landing(flightId, delayMinutes, destination)}}`;
const shownIn = ({ stdout }: { readonly stdout: string }): Shown[] =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((text) => JSON.parse(text) as Shown);
const idsIn = (result: CliResult): (string | undefined)[] => shownIn(result).map(({ id }) => id);

// Each test adds to the log that the ones before it have left.
describe('millrace events', () => {
  let stack: TestStack;
  let producer: TestService;
  let directory: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    stack = await startTestStack();
    directory = await mkdtemp(join(tmpdir(), 'millrace-events-'));
    const servers = addressVariables(stack.addresses);
    await applyWithCli(servers);
    producer = await stack.startService('producer', {});
    env = { ...servers, PRODUCER_URL: producer.url };
  });
  afterAll(async () => {
    await stack.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const run = (...args: string[]): Promise<CliResult> => runCli(['events', ...args], env);
  const begin = (...args: string[]): RunningCli => startCli(['events', ...args], env);

  it('publish takes one event from its arguments, and tail shows it at the position that was answered', async () => {
    const published = await run('publish', '--type', LANDED, '--id', 'one', '--data', landing('f-1'));
    expect(published).toMatchObject({ code: 0, stderr: '' });
    const [, partition, offset] = /^published one at flights\/(\d+)\/(\d+)\n$/.exec(published.stdout)!;
    const at = ['tail', `flights/${partition}`, '--from', offset!, '--limit', '1'];
    const tailed = await run(...at, '--json');
    expect(tailed).toMatchObject({ code: 0, stderr: '' });
    expect(shownIn(tailed)).toEqual([
      {
        position: `flights/${partition}/${offset}`,
        key: 'f-1',
        time: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        type: LANDED,
        id: 'one',
        source: '/millrace/producer',
        data: { flightId: 'f-1', origin: 'SEA', destination: 'SFO', delayMinutes: 5 },
      },
    ]);
    expect((await run(...at)).stdout).toMatch(
      /^flights\/\d\/\d+ {2}\S+Z {2}f-1 {2}flights\.FlightLanded {2}\{.*\}\n$/,
    );
  });

  it('publish says which lines of a file were refused, exits with 2, and the others are in the log', async () => {
    const file = join(directory, 'events.ndjson');
    await writeFile(
      file,
      [line('a', 'f-2'), `{"type":"${LANDED}","data":{}}`, '', 'oops', line('b', 'f-2')].join('\n'),
    );
    const result = await run('publish', file);
    expect({ code: result.code, stdout: result.stdout }).toEqual({
      code: 2,
      stdout: '2 published, 2 refused\n',
    });
    expect(result.stderr).toMatch(/^line 2: event-invalid: .*\nline 4: json-syntax: .*\n$/);
    expect(idsIn(await run('tail', 'flights', '--key', 'f-2', '--json'))).toEqual(['a', 'b']);
  });

  it('publish reads standard input, data alone with --type, and prints every answer with --json', async () => {
    const input = `${landing('f-3', 1)}\n${landing('f-3', 2)}\n`;
    const result = await runCli(['events', 'publish', '--type', LANDED, '--json'], env, { input });
    expect(result).toMatchObject({ code: 0, stderr: '' });
    expect(
      result.stdout
        .trimEnd()
        .split('\n')
        .map((text) => JSON.parse(text) as unknown),
    ).toEqual([
      { line: 1, id: expect.any(String) as string, position: expect.any(String) as string },
      { line: 2, id: expect.any(String) as string, position: expect.any(String) as string },
      { summary: { published: 2, refused: 0 } },
    ]);
    const tailed = shownIn(await run('tail', 'flights', '--key', 'f-3', '--json'));
    expect(tailed.map(({ data }) => data!['delayMinutes'])).toEqual([1, 2]);
  });

  it('publish says in one line what cannot be done, and exits with 1', async () => {
    for (const [args, message] of [
      [['--data', '{}'], /--type: expected the type/],
      [['--id', 'x'], /--data: expected/],
      [[join(directory, 'nowhere')], /nowhere/],
    ] as const) {
      const result = await run('publish', ...args);
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toMatch(oneLine);
      expect(result.stderr).toMatch(message);
    }
    const url = `http://127.0.0.1:${await freePort()}`;
    const away = await runCli(['events', 'publish', '--type', LANDED, '--data', '{}'], { PRODUCER_URL: url });
    expect(away).toMatchObject({ code: 1, stdout: '' });
    expect(away.stderr).toMatch(
      new RegExp(`^millrace: the producer does not answer at ${url} .*PRODUCER_URL right\\?\n$`),
    );
  });

  it('tail shows only what was asked for', async () => {
    const input = [
      line('w-1', 'f-4', 10, 'JFK'),
      line('w-2', 'f-4', 20, 'JFK'),
      line('w-3', 'f-4', 20, 'LAX'),
    ];
    await runCli(['events', 'publish'], env, { input: input.join('\n') });
    const tail = async (...args: string[]) => idsIn(await run('tail', '--key', 'f-4', '--json', ...args));
    expect(await tail('--where', 'destination=JFK')).toEqual(['w-1', 'w-2']);
    expect(await tail('--where', 'destination=JFK', '--where', 'delayMinutes=20')).toEqual(['w-2']);
    expect(await tail('--type', 'flights.FlightDeparted')).toEqual([]);
    expect(await tail('--type', 'flights.FlightDeparted', '--type', LANDED, '--limit', '2')).toEqual([
      'w-1',
      'w-2',
    ]);
    expect(await tail('--from', '-10m')).toEqual(['w-1', 'w-2', 'w-3']);
    expect(await tail('--from', '2999-01-01')).toEqual([]);
    expect(await tail('--to', '2001-01-01')).toEqual([]);
    expect(await tail('--from', 'latest')).toEqual([]);
  });

  it('tail shows what is no event, and what cannot be decoded, as that', async () => {
    const kafka = createKafkaClient({
      brokers: stack.addresses.kafkaBrokers,
      clientId: 'specs',
      log: silentLogger,
    });
    const writer = kafka.producer();
    await writer.connect();
    const headers = { ce_id: 'broken', ce_source: '/specs', ce_type: LANDED, ce_specversion: '1.0' };
    await writer.send({
      topic: 'flights',
      messages: [
        { key: 'alien', value: 'hello' },
        { key: 'alien', value: 'hello', headers },
        { key: 'alien', value: null, headers: { ...headers, ce_id: 'gone' } },
      ],
    });
    await writer.disconnect();
    const alien = ['tail', 'flights', '--key', 'alien'];
    expect(shownIn(await run(...alien, '--json'))).toMatchObject([
      { problem: { code: 'NOT_AN_EVENT' } },
      { id: 'broken', type: LANDED, problem: { code: 'SCHEMA_NOT_FRAMED' } },
      { id: 'gone', tombstone: true },
    ]);
    const text = await run(...alien);
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(
      /\(no type\) {2}✗ NOT_AN_EVENT: [^\n]*\n.*✗ SCHEMA_NOT_FRAMED: [^\n]*\n.*tombstone\n$/,
    );
    expect(shownIn(await run(...alien, '--json', '--where', 'destination=JFK'))).toMatchObject([
      { problem: { code: 'NOT_AN_EVENT' } },
      { problem: { code: 'SCHEMA_NOT_FRAMED' } },
    ]);
  });

  it('tail --follow shows what comes, and ends with 0 at Ctrl-C', async () => {
    const tail = begin('tail', 'flights', '--follow', '--from', 'earliest', '--key', 'f-5', '--json');
    await run('publish', '--type', LANDED, '--id', 'live-1', '--data', landing('f-5'));
    await waitFor('the event to be shown', () => tail.printed.stdout.includes('live-1'));
    await run('publish', '--type', LANDED, '--id', 'live-2', '--data', landing('f-5'));
    await waitFor('the next event to be shown', () => tail.printed.stdout.includes('live-2'));
    tail.kill('SIGINT');
    const ended = await tail.ended;
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    expect(idsIn(ended)).toEqual(['live-1', 'live-2']);
  });

  it('tail ends with 0 and without a word when the reader of its output closes it', async () => {
    const tail = begin('tail', 'flights', '--follow', '--from', 'earliest', '--json');
    await waitFor('an event to be shown', () => tail.printed.stdout !== '');
    tail.closeOutput();
    await run('publish', '--type', LANDED, '--data', landing('f-6'));
    expect(await tail.ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('tail says in one line what cannot be read, and exits with 1', async () => {
    for (const [args, message] of [
      [['nowhere'], /nowhere/],
      [['flights/99'], /flights\/99: expected a partition of the 6/],
      [['--from', 'yesterday'], /--from: expected earliest, latest/],
      [['--where', 'x'], /--where: expected field=value/],
    ] as const) {
      const result = await run('tail', ...args);
      expect(result).toMatchObject({ code: 1, stdout: '' });
      expect(result.stderr).toMatch(oneLine);
      expect(result.stderr).toMatch(message);
    }
  });

  it('explains itself with examples and exit codes', async () => {
    for (const command of ['publish', 'tail']) {
      const { code, stdout } = await run(command, '--help');
      expect(code).toBe(0);
      expect(stdout).toMatch(/Exit codes:[^]*Examples:\n {2}millrace events/);
    }
  });
});
