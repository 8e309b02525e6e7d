import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

const main = 'dist/libs/service/src/run/run-service.fixture.js';
const environment = { DATABASE_URL: 'postgres://user:sesame@localhost/millrace', PORT: '0' };

interface Trial {
  readonly child: ChildProcess;
  /** All that the process has printed so far. */
  readonly text: () => string;
  readonly exit: Promise<number | string>;
}

const started: ChildProcess[] = [];

/** One that is still there when its test has failed would keep the test run from its end. */
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

function start(env: Record<string, string>): Trial {
  const child = spawn(process.execPath, [main], {
    env: { ...environment, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  const printed: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => printed.push(text));
  }
  const exit = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  return { child, text: () => printed.join(''), exit };
}

/** Waits until the process has printed `pattern`, and returns what its first group matched. */
async function printed(trial: Trial, pattern: RegExp): Promise<string> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline;) {
    const match = pattern.exec(trial.text());
    if (match !== null) {
      return match[1] ?? match[0];
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`the trial service did not print ${pattern.source}; it printed: ${trial.text()}`);
}

const listening = (trial: Trial): Promise<string> => printed(trial, /"url":"([^"]+)"/);

describe('the process of a service', () => {
  it('finishes what it has begun and exits with 0, however many signals arrive', async () => {
    const trial = start({});
    const url = await listening(trial);
    const slow = fetch(`${url}/slow`).then((response) => response.text());
    await printed(trial, /in flight/);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGINT'] as const) {
      trial.child.kill(signal);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    expect(await slow).toBe('done');
    expect(await trial.exit).toBe(0);
    expect(trial.text()).toContain('gave back what it held');
  });

  it('exits with 1 when the stop takes longer than SHUTDOWN_TIMEOUT_MS', async () => {
    const trial = start({ TRIAL: 'hangs', SHUTDOWN_TIMEOUT_MS: '200' });
    await listening(trial);
    trial.child.kill('SIGTERM');
    expect(await trial.exit).toBe(1);
    expect(trial.text()).toContain('longer than SHUTDOWN_TIMEOUT_MS (200 ms)');
  });

  it.each([
    ['a rejection that nobody handles', { TRIAL: 'rejects' }, 'forgotten'],
    ['a start that fails', { TRIAL: 'cannot start' }, 'no broker'],
    ['an invalid configuration', { PORT: 'x', DATABASE_URL: '' }, 'PORT: expected a port'],
  ])('exits with 1 and one fatal line after %s', async (_case, env, reason) => {
    const trial = start(env);
    expect(await trial.exit).toBe(1);
    const fatal = trial
      .text()
      .split('\n')
      .filter((line) => line.includes('"level":"fatal"'));
    expect(fatal).toHaveLength(1);
    expect(fatal[0]).toContain(reason);
  });

  it('exits with 1 and names PORT and the address when the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const trial = start({ PORT: String(port) });
    expect(await trial.exit).toBe(1);
    expect(trial.text()).toMatch(`cannot listen on 127.0.0.1:${port} (HOST and PORT)`);
    other.close();
  });
});
