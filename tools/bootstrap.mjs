// What `npm start`, `npm test`, `npm run build`, `npm run generate`, `npm run pack`, `npm run faults` and `npm run bench` run first, on whatever Node the machine has
// (20 or newer), before anything is installed: it checks what is missing, installs, builds, and hands over to Node 24.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  explainMissingJava,
  explainMissingMaven,
  findOnPath,
  searchJava,
} from '../libs/stack/src/find-java.js';

const NODE_MINIMUM = 20;
const JAVA_MINIMUM = 21;
const MAINS = {
  start: 'dist/examples/flights/demo/main.js',
  test: 'dist/tools/test/main.js',
  generate: 'dist/tools/generate/main.js',
  'config-docs': 'dist/tools/config-docs/main.js',
  pack: 'dist/tools/pack/main.js',
  faults: 'dist/tools/faults/main.js',
  'faults-full': 'dist/tools/faults/full.js',
  bench: 'dist/bench/main.js',
  build: undefined,
};
const NEEDS_STACK = ['start', 'test', 'faults', 'faults-full', 'bench'];
const STACK_VARIABLES = ['KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', 'DATABASE_URL'];
const SOURCES = ['apps', 'libs', 'examples', 'tools', 'bench'];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const [verb = '', ...args] = process.argv.slice(2);

if (!(verb in MAINS)) fail(`usage: node tools/bootstrap.mjs ${Object.keys(MAINS).join('|')} [arguments]`);
const missing = whatIsMissing();
if (missing.length > 0) fail(['Something that Millrace needs is missing.', ...missing].join('\n\n'));
install();
build();
if (MAINS[verb] !== undefined) handOver(MAINS[verb]);

/** Everything at once, so that nobody installs one thing only to be told of the next. */
function whatIsMissing() {
  const { env } = process;
  const problems = [];
  if (Number(process.versions.node.split('.')[0]) < NODE_MINIMUM) {
    problems.push(
      `Node ${NODE_MINIMUM} or newer is needed; this is ${process.versions.node} (${process.execPath}).\nInstall a newer one.`,
    );
  }
  if (findOnPath('npm', env) === undefined) problems.push('npm was not found on PATH. It comes with Node.');

  const ownServers = STACK_VARIABLES.every((name) => env[name]?.trim());
  const onlyHelp = args.includes('--help') || args.includes('-h');
  if (!NEEDS_STACK.includes(verb) || ownServers || onlyHelp) return problems;
  const { java, candidates } = searchJava({ minimum: JAVA_MINIMUM, env });
  if (java === undefined) problems.push(explainMissingJava({ minimum: JAVA_MINIMUM, candidates, env }));
  if (findOnPath('mvn', env) === undefined) problems.push(explainMissingMaven());
  if (problems.length > 0) {
    problems.push(`Servers of your own need neither Java nor Maven: set ${STACK_VARIABLES.join(', ')}.`);
  }
  return problems;
}

function install() {
  const stamp = join(modules, '.millrace-lock-hash');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (readText(stamp) === wanted) return;
  process.stderr.write('installing packages (npm ci)\n');
  // Whatever NODE_ENV or the user's npmrc say: the tools are development dependencies, PostgreSQL's programs are
  // optional ones, and both are set up by install scripts.
  const flags = ['--include=dev', '--include=optional', '--ignore-scripts=false', '--no-audit', '--no-fund'];
  // npm's own chatter goes to standard error too: standard output belongs to the program that is handed over to.
  const { status, error } = spawnSync('npm', ['ci', ...flags], { cwd: root, stdio: ['inherit', 2, 2] });
  if (status !== 0)
    fail(`npm ci failed (${error?.message ?? `exit code ${status}`}); its own output is above.`);
  writeFileSync(stamp, wanted);
}

/**
 * Into a directory of its own that then takes dist's place, so that nothing of a source file that is gone stays behind;
 * and not at all when no source changed, so that a second run never pulls dist away from under a first one.
 */
function build() {
  const dist = join(root, 'dist');
  const stamp = join(dist, '.millrace-sources');
  const sources = SOURCES.filter((directory) => existsSync(join(root, directory)));
  const wanted = fingerprint(sources);
  if (readText(stamp) === wanted) return;
  const fresh = `${dist}.${process.pid}`;
  const swc = [join(modules, '@swc', 'cli', 'bin', 'swc.js'), ...sources, '-d', fresh, '--copy-files'];
  const { status, error, stdout, stderr } = spawnSync(node24(), swc, { cwd: root, encoding: 'utf8' });
  if (status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    fail(`the build failed (${error?.message ?? `exit code ${status}`}):\n${stdout}${stderr}`);
  }
  writeFileSync(join(fresh, '.millrace-sources'), wanted);
  const old = `${fresh}.old`;
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(fresh, dist);
  rmSync(old, { recursive: true, force: true });
}

/** Changes with every source file's name, size and time, and with the compiler and its options. */
function fingerprint(sources) {
  const hash = createHash('sha256');
  const add = (path) => {
    const { mtimeMs, size } = statSync(join(root, path));
    hash.update(`${path}\0${mtimeMs}\0${size}\n`);
  };
  for (const directory of sources) {
    const entries = readdirSync(join(root, directory), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    for (const { parentPath, path, name } of files)
      add(join(parentPath ?? path, name).slice(root.length + 1));
  }
  for (const file of ['.swcrc', 'package-lock.json']) add(file);
  return hash.digest('hex');
}

/**
 * Runs the program and ends as it ends. A terminal's Ctrl-C reaches the program by itself, so it is ignored here;
 * signals that were sent to this process alone are passed on. The program decides when it is done.
 */
function handOver(main) {
  // kafkajs sets timers in the past.
  const flags = ['--enable-source-maps', '--disable-warning=TimeoutNegativeWarning'];
  const child = spawn(node24(), [...flags, join(root, main), ...args], { cwd: root, stdio: 'inherit' });
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('error', (error) => fail(`${main} could not be run: ${error.message}`));
  child.once('exit', (code, signal) => {
    process.exit(signal === null ? code : 128 + constants.signals[signal]);
  });
}

function node24() {
  return join(modules, '.bin', 'node');
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
