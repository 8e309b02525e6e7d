import { basename, join } from 'node:path';
import { answersHttp } from './readiness';
import { ServerProcess } from './server-process';

/** kafkajs sets timers in the past, and Node 24 would report each of them. */
const NODE_FLAGS = ['--enable-source-maps', '--disable-warning=TimeoutNegativeWarning'];

export interface AppProcessOptions {
  /** The app's folder under apps/. */
  readonly app: string;
  /** For messages, when several processes run the same app. Default: the app. */
  readonly name?: string;
  readonly port: number;
  /** Added to this process's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** The compiled tree that it runs from; its own by default. */
  readonly tree?: string;
  readonly onExit?: () => void;
}

/** The command line that runs a compiled app: the executable, then its arguments. */
export function appCommand(app: string, tree: string = compiledTree()): [command: string, ...args: string[]] {
  return [process.execPath, ...NODE_FLAGS, join(tree, 'apps', app, 'src/main.js')];
}

/** Where the workspace is compiled to. */
export function compiledTree(): string {
  const root = join(import.meta.dirname, '../../..');
  // Compiled, this file lies in dist itself; a test runs it from the sources.
  return basename(root) === 'dist' ? root : join(root, 'dist');
}

/** One of Millrace's own services as a child process on a loopback port; up means that it is ready. */
export function appProcess(options: AppProcessOptions): ServerProcess {
  const { app, name = app, port, env, logFile, tree, onExit } = options;
  const [command, ...args] = appCommand(app, tree);
  return new ServerProcess({
    name,
    command,
    args,
    env: { ...process.env, ...env, HOST: '127.0.0.1', PORT: String(port) },
    logFile,
    ports: [port],
    isReady: answersHttp(`http://127.0.0.1:${port}/health/ready`),
    ...(onExit === undefined ? {} : { onExit }),
  });
}
