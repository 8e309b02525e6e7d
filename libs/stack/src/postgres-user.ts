import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { MillraceError } from '@millrace/contracts';
import { findOnPath } from './find-java';

/** PostgreSQL refuses to run as root, and no other user of this machine can run it here. */
export class PostgresUserError extends MillraceError {
  override readonly name = 'PostgresUserError';
  readonly code = 'STACK_POSTGRES_USER';
  readonly retriable = false;
}

interface SystemUser {
  readonly uid: number;
  readonly gid: number;
}

/** How to run PostgreSQL's programs. */
export interface PostgresUser {
  /** Who must own the cluster's files; undefined when that is whoever runs this. */
  readonly owner?: SystemUser;
  /** Whom to spawn the programs as; undefined when nothing, or the prefix, changes the user. */
  readonly spawnAs?: SystemUser;
  /** Put before the command and its arguments. */
  readonly prefix: readonly string[];
}

/**
 * Nothing to do for an ordinary user. For root, PostgreSQL runs as the system's user `postgres`, or `nobody`. When that
 * user may not enter one of `paths` (a checkout below /root, a directory made by `mktemp -d`), setpriv(1) leaves it the
 * one capability that it needs to get there.
 * @throws PostgresUserError STACK_POSTGRES_USER
 */
export function choosePostgresUser(paths: readonly string[], env: NodeJS.ProcessEnv): PostgresUser {
  if (process.getuid?.() !== 0) return { prefix: [] };
  const owner = systemUser(['postgres', 'nobody']);
  if (owner === undefined) {
    throw new PostgresUserError(
      'PostgreSQL refuses to run as root, and /etc/passwd has neither a user `postgres` nor `nobody` to run it as. Run this as an ordinary user.',
    );
  }
  const closed = paths.map((path) => closedDirectory(path, owner)).find((path) => path !== undefined);
  if (closed === undefined) return { owner, spawnAs: owner, prefix: [] };
  const setpriv = findOnPath('setpriv', env);
  if (setpriv === undefined) {
    throw new PostgresUserError(
      `PostgreSQL refuses to run as root, and user ${owner.uid} may not enter ${closed}. Move the checkout, open that directory (chmod o+x), install setpriv (util-linux), or run this as an ordinary user.`,
      { context: { directory: closed } },
    );
  }
  const identity = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups'];
  const capability = ['--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
  return { owner, prefix: [setpriv, ...identity, ...capability, '--'] };
}

function systemUser(names: readonly string[]): SystemUser | undefined {
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const [, , uid, gid] = names.map((name) => users.find(([user]) => user === name)).find(Boolean) ?? [];
  return uid === undefined || gid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) };
}

/** The nearest directory above `path` that the user may not pass through. */
function closedDirectory(path: string, { uid, gid }: SystemUser): string | undefined {
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    const { mode, uid: owner, gid: group } = statSync(directory);
    const bit = owner === uid ? 0o100 : group === gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return directory;
    if (directory === dirname(directory)) return undefined;
  }
}
