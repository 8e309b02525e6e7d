import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { choosePorts } from './ports';
import { identifyProcess } from './process-identity';
import { answersHttp } from './readiness';
import { ServerProcess, type ServerProcessOptions } from './server-process';
import { ServerStartError, type ServerExit } from './server-start-error';

const SERVE = `require('node:http').createServer((q, r) => r.end('pid ' + process.pid)).listen(+process.env.PORT, '127.0.0.1')`;

describe('a server process', () => {
  let directory: string;
  let port: number;
  const made: ServerProcess[] = [];

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'millrace-process-'));
    ({ port } = await choosePorts(join(directory, 'ports.json'), ['port']));
  });
  afterEach(async () => {
    await Promise.all(made.splice(0).map((server) => server.kill('SIGKILL')));
    rmSync(directory, { recursive: true });
  });

  function server(script: string, options: Partial<ServerProcessOptions> = {}): ServerProcess {
    const created = new ServerProcess({
      name: 'example',
      command: process.execPath,
      args: ['-e', script],
      env: { PORT: String(port) },
      logFile: join(directory, 'example.log'),
      pidFile: join(directory, 'example.json'),
      ports: [port],
      isReady: answersHttp(`http://127.0.0.1:${port}/`),
      ...options,
    });
    made.push(created);
    return created;
  }

  async function startFailure(failing: ServerProcess): Promise<string> {
    const error: unknown = await failing.start().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ServerStartError);
    expect(failing.pid).toBeUndefined();
    return (error as Error).message;
  }

  it('is ready when its check says so, and restarts on the same port as another process', async () => {
    const example = server(SERVE);
    await example.start();
    const { pid } = example;
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe(`pid ${pid}`);
    expect(JSON.parse(readFileSync(join(directory, 'example.json'), 'utf8'))).toEqual(
      identifyProcess(pid ?? -1),
    );
    await example.restart();
    expect(example.pid).not.toBe(pid);
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe(`pid ${example.pid}`);
  });

  it('that exits before it is ready reports its exit code and the last 20 lines of its log', async () => {
    const message = await startFailure(
      server(`for (let n = 1; n <= 30; n++) console.log('line ' + n); process.exitCode = 3`),
    );
    expect(message).toContain('example did not start: it exited with code 3');
    expect(message).toContain(join(directory, 'example.log'));
    expect(
      message
        .split('\n')
        .slice(1)
        .map((line) => line.trim()),
    ).toEqual(Array.from({ length: 20 }, (_, index) => `line ${index + 11}`));
  });

  it('that ends at its start is started again when what it logs says that it may', async () => {
    const script = `
      const file = ${JSON.stringify(join(directory, 'tries'))};
      const fs = require('node:fs');
      fs.appendFileSync(file, 'x');
      if (fs.readFileSync(file, 'utf8').length < 3) { console.log('still in use'); process.exit(1); }
      ${SERVE}`;
    expect(await startFailure(server(script, { startsLater: /something else/ }))).toContain('still in use');
    const example = server(script, { startsLater: /still in use/ });
    await example.start();
    expect(readFileSync(join(directory, 'tries'), 'utf8')).toBe('xxx');
    await example.stop();
    const hopeless = server(`console.log('still in use'); process.exit(1)`, {
      startsLater: /still in use/,
      readyTimeoutMs: 300,
    });
    expect(await startFailure(hopeless)).toContain('exited with code 1');
  });

  it('that is not ready in time is killed', async () => {
    const message = await startFailure(
      server(`console.log('thinking'); setInterval(() => {}, 1000)`, { readyTimeoutMs: 400 }),
    );
    expect(message).toMatch(/not ready after 400 ms[^]*thinking/);
  });

  it('is not even spawned when its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    expect(await startFailure(server(SERVE))).toContain(`port ${port} of 127.0.0.1 is taken`);
    await new Promise((resolve) => other.close(resolve));
  });

  it('whose command does not exist says so', async () => {
    expect(await startFailure(server('', { command: '/nowhere/java' }))).toContain(
      '/nowhere/java could not be run',
    );
  });

  it('gives up its start when it is told to', async () => {
    const abort = new AbortController();
    const starting = server(`setInterval(() => {}, 1000)`).start(abort.signal);
    abort.abort(new Error('never mind'));
    await expect(starting).rejects.toThrow('never mind');
  });

  it('that ignores the signal to stop is killed after its grace, with whatever it spawned', async () => {
    const script = `
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
      console.log('child ' + child.pid);
      process.on('SIGTERM', () => {});
      ${SERVE}`;
    const stubborn = server(script, { stopGraceMs: 300 });
    await stubborn.start();
    const pids = [stubborn.pid ?? -1, Number(/child (\d+)/.exec(stubborn.logTail())?.[1])];
    expect(pids.map((pid) => identifyProcess(pid)?.pid)).toEqual(pids);
    await stubborn.stop();
    expect(pids.map((pid) => identifyProcess(pid))).toEqual([undefined, undefined]);
  });

  it('reports its death when nobody asked for it, and only then', async () => {
    const exits: ServerExit[] = [];
    const example = server(SERVE, { onExit: (exit) => exits.push(exit) });
    await example.start();
    await example.restart();
    await example.kill('SIGKILL');
    expect(exits).toEqual([]);
    await example.start();
    process.kill(example.pid ?? -1, 'SIGKILL');
    for (let tries = 0; exits.length === 0 && tries < 100; tries += 1)
      await new Promise((next) => setTimeout(next, 20));
    expect(exits).toEqual([{ code: null, signal: 'SIGKILL' }]);
    expect(example.pid).toBeUndefined();
  });
});
