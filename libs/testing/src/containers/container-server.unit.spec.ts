import { ContainerServer } from './container-server';
import type { EngineContainer } from './container-server';

/** An engine that notes what it is asked for, and keeps whether its container runs. */
function engine(running = false) {
  const asked: string[] = [];
  const state = { running, diesAtStart: false };
  const note = (what: string, runs = state.running): Promise<void> => {
    asked.push(what);
    state.running = runs;
    return Promise.resolve();
  };
  const container: EngineContainer = {
    start: () => note('start', !state.diesAtStart),
    isRunning: async () => state.running,
    stop: (grace) => note(`stop within ${grace} s`, false),
    signal: (signal) => note(signal, signal !== 'SIGKILL'),
    ended: () => note('ended'),
    freeze: () => note('freeze'),
    thaw: () => note('thaw'),
    follow: () => note('follow'),
  };
  return { asked, state, container };
}

function server(container: EngineContainer, isReady: () => Promise<boolean> = async () => true) {
  return new ContainerServer({ name: 'kafka', container, logFile: '/none', isReady, readyTimeoutMs: 300 });
}

describe('a server in a container', () => {
  it('starts, follows its log, and is up only when it is ready', async () => {
    const { asked, container } = engine();
    let answers = 0;
    const kafka = server(container, async () => {
      answers += 1;
      if (answers === 1) throw new Error('nobody listens');
      return answers === 3;
    });
    await kafka.start();
    expect([asked, answers]).toEqual([['start', 'follow'], 3]);
    await kafka.start();
    expect(asked).toEqual(['start', 'follow']);
  });

  it('is gone when its kill returns, and starts again', async () => {
    const { asked, container } = engine(true);
    const kafka = server(container);
    await kafka.kill('SIGKILL');
    await kafka.kill('SIGKILL');
    await kafka.start();
    expect(asked).toEqual(['SIGKILL', 'ended', 'start', 'follow']);
  });

  it('stands still as a whole at SIGSTOP until SIGCONT, and gets any other signal itself', async () => {
    const { asked, container } = engine(true);
    const kafka = server(container);
    for (const signal of ['SIGSTOP', 'SIGCONT', 'SIGTERM'] as const) await kafka.kill(signal);
    expect(asked).toEqual(['freeze', 'thaw', 'SIGTERM']);
  });

  it('stops with a grace, once', async () => {
    const { asked, container } = engine(true);
    const kafka = server(container);
    await kafka.stop();
    await kafka.stop();
    await kafka.restart();
    expect(asked).toEqual(['stop within 5 s', 'start', 'follow']);
  });

  it('says that its container ended instead of waiting for it', async () => {
    const { state, container } = engine();
    state.diesAtStart = true;
    await expect(server(container, async () => false).start()).rejects.toThrow(
      /^kafka did not start: its container ended/,
    );
  });

  it('is stopped when it does not become ready in time', async () => {
    const { asked, container } = engine();
    await expect(server(container, async () => false).start()).rejects.toThrow('not ready after 300 ms');
    expect(asked.at(-1)).toBe('stop within 5 s');
  });

  it('says what the engine refused, such as a port that is taken', async () => {
    const { container } = engine();
    const refusing = { ...container, start: () => Promise.reject(new Error('port is already allocated')) };
    await expect(server(refusing).start()).rejects.toMatchObject({
      code: 'STACK_SERVER_DID_NOT_START',
      message: expect.stringContaining('port is already allocated') as string,
    });
  });
});
