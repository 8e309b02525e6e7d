import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { SourceFile } from '@millrace/schema-sources';
import { GitFailedError } from './errors';
import { isSource } from './sources-on-disk';

const run = promisify(execFile);
const MAX_BYTES = 256 * 1024 * 1024;

/** Reads the schemas of commits of the repository in the current directory. Changes nothing; no shell is involved. */
export class Git {
  readonly #texts = new Map<string, string>();

  /** The commit of a branch, tag, hash or expression such as `HEAD~3`. @throws GitFailedError */
  async commitOf(ref: string): Promise<string> {
    const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`];
    const what = `find the commit of ${ref}`;
    const missing =
      'there is no such branch, tag or commit here. In CI the whole history has to be fetched: `fetch-depth: 0` with ' +
      'actions/checkout, or `git fetch --unshallow`';
    return (await this.#git(what, args, missing)).trim();
  }

  /** Whether history was cut off when the repository was cloned. */
  async isShallow(): Promise<boolean> {
    const answer = await this.#git('tell whether it has the whole history', [
      'rev-parse',
      '--is-shallow-repository',
    ]);
    return answer.trim() === 'true';
  }

  /**
   * The commits that the ref itself has stood at (first parents) and that changed schemas/, oldest first: what was on a
   * branch only before it was merged never counted for anybody.
   */
  async schemaCommits(commit: string): Promise<string[]> {
    const args = ['log', '--first-parent', '--format=%H', commit, '--', 'schemas'];
    const answer = await this.#git('list the commits that changed schemas/', args);
    return answer.split('\n').filter(Boolean).reverse();
  }

  /** The source files of schemas/ as they are in a commit, with their paths from the current directory. */
  async sourcesAt(commit: string): Promise<SourceFile[]> {
    const listing = await this.#git(`list schemas/ of ${commit}`, [
      'ls-tree',
      '-r',
      '-z',
      commit,
      '--',
      'schemas',
    ]);
    const sources: SourceFile[] = [];
    for (const entry of listing.split('\0')) {
      const [, type, blob = '', path = ''] = /^\S+ (\S+) (\S+)\t(.*)$/s.exec(entry) ?? [];
      if (type === 'blob' && isSource(path)) sources.push({ path, text: await this.#text(blob) });
    }
    return sources;
  }

  /** Most commits leave most files alone: each content is read once. */
  async #text(blob: string): Promise<string> {
    const known = this.#texts.get(blob);
    if (known !== undefined) return known;
    const text = await this.#git(`read ${blob}`, ['cat-file', 'blob', blob]);
    this.#texts.set(blob, text);
    return text;
  }

  async #git(what: string, args: readonly string[], reason?: string): Promise<string> {
    try {
      const { stdout } = await run('git', args, { encoding: 'utf8', maxBuffer: MAX_BYTES });
      return stdout;
    } catch (cause) {
      const { code, stderr = '' } = cause as { code?: unknown; stderr?: string };
      if (code === 'ENOENT') throw new GitFailedError(what, 'no `git` is on the path', cause);
      const said = stderr.trim().split('\n')[0] ?? '';
      throw new GitFailedError(what, said === '' ? (reason ?? 'without a reason') : said, cause);
    }
  }
}
