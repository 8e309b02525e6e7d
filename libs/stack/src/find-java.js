// Plain JavaScript with a hand-written find-java.d.ts: tools/bootstrap.mjs runs this on the machine's own Node before
// anything is installed or compiled, and libs/stack runs it again afterwards. One truth for both.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** Where JDKs stand that nobody put on the PATH: `[directory, path of the home below each entry]`. */
function standardPlaces(env) {
  const sdkman = env.SDKMAN_DIR ?? (env.HOME === undefined ? undefined : join(env.HOME, '.sdkman'));
  return [
    ['/usr/lib/jvm', '.'],
    ['/Library/Java/JavaVirtualMachines', 'Contents/Home'],
    ...(sdkman === undefined ? [] : [[join(sdkman, 'candidates', 'java'), '.']]),
  ];
}

export function findOnPath(command, env) {
  for (const directory of (env.PATH ?? '').split(delimiter).filter(Boolean)) {
    if (isExecutable(join(directory, command))) return join(directory, command);
  }
  return undefined;
}

export function searchJava({ minimum, env, places = standardPlaces(env) }) {
  const seen = new Map();
  const note = (executable, origin) => {
    const real = realPath(executable);
    if (real !== undefined && !seen.has(real)) seen.set(real, describe(real, origin));
  };

  if (env.JAVA_HOME) note(join(env.JAVA_HOME, 'bin', 'java'), 'JAVA_HOME');
  const onPath = findOnPath('java', env);
  if (onPath !== undefined) note(onPath, 'PATH');
  const chosen = [...seen.values()].find((java) => java.major >= minimum);

  for (const [directory, home] of places) {
    for (const name of entries(directory)) note(join(directory, name, home, 'bin', 'java'), directory);
  }
  const candidates = [...seen.values()];
  // Nobody chose between the others: the oldest one that is new enough is the one most people run.
  const others = candidates.filter((java) => java.major >= minimum).sort((a, b) => a.major - b.major);
  return { java: chosen ?? others[0], candidates };
}

export function explainMissingJava({ minimum, candidates, env }) {
  const home = env.JAVA_HOME;
  const found = candidates.map(({ version, executable, origin }) => {
    return `  ${version === undefined ? 'does not run' : `Java ${version}`}: ${executable} (${origin})`;
  });
  if (home && !isExecutable(join(home, 'bin', 'java'))) found.unshift(`  no bin/java: ${home} (JAVA_HOME)`);
  return [
    `Java ${minimum} or newer was not found (the schema registry needs 21, Kafka 17). Found instead:`,
    ...(found.length === 0 ? ['  no java in JAVA_HOME, on PATH or in the usual places'] : found),
    `Install a JDK ${minimum} or newer, or set JAVA_HOME to the directory of one.`,
  ].join('\n');
}

export function explainMissingMaven() {
  return [
    'Maven was not found: no `mvn` on PATH. It fetches Kafka and the schema registry, once.',
    'Install Maven 3.6 or newer, or add the directory that holds `mvn` to PATH.',
  ].join('\n');
}

function describe(executable, origin) {
  const home = dirname(dirname(executable));
  const version = versionInRelease(home) ?? versionOfRun(executable);
  return { executable, home, origin, version, major: majorOf(version) };
}

function versionInRelease(home) {
  try {
    return /^JAVA_VERSION="([^"]+)"/m.exec(readFileSync(join(home, 'release'), 'utf8'))?.[1];
  } catch {
    return undefined;
  }
}

function versionOfRun(executable) {
  const { stderr, stdout } = spawnSync(executable, ['-version'], { encoding: 'utf8', timeout: 10_000 });
  return /version "([^"]+)"/.exec(`${stderr ?? ''}${stdout ?? ''}`)?.[1];
}

/** 21 for "21.0.4", 25 for "25-ea", 8 for "1.8.0_392", -1 for what does not run. */
function majorOf(version) {
  const [, first, second] = /^(\d+)(?:\.(\d+))?/.exec(version ?? '') ?? [];
  if (first === undefined) return -1;
  return Number(first === '1' && second !== undefined ? second : first);
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function realPath(file) {
  return isExecutable(file) ? realpathSync(file) : undefined;
}

function entries(directory) {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}
