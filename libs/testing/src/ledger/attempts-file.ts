import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { AttemptLine } from './attempt';

interface Waiting {
  readonly text: string;
  readonly done: PromiseWithResolvers<undefined>;
}

/**
 * The record of what was tried, one JSON object a line, appended. A line that was taken is on disk when its promise
 * resolves; lines that come while a sync is under way share the next one. Lines keep the order of the calls.
 */
export class AttemptsFile {
  private waiting: Waiting[] = [];
  private writing: Promise<void> | undefined;

  private constructor(
    readonly path: string,
    private readonly file: FileHandle,
  ) {}

  /** Makes the file. @throws when there is one: a run's numbers begin at 1, and two runs in one file would be mixed up. */
  static async create(path: string): Promise<AttemptsFile> {
    return new AttemptsFile(path, await open(path, 'ax'));
  }

  /** Rejects when the disk fails. */
  async append(...lines: readonly AttemptLine[]): Promise<void> {
    const done = Promise.withResolvers<undefined>();
    this.waiting.push({ text: lines.map((line) => `${JSON.stringify(line)}\n`).join(''), done });
    this.writing ??= this.writeAll();
    await done.promise;
  }

  async close(): Promise<void> {
    await this.writing;
    await this.file.close();
  }

  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      try {
        await this.file.appendFile(batch.map(({ text }) => text).join(''));
        await this.file.datasync();
        for (const { done } of batch) done.resolve(undefined);
      } catch (error) {
        for (const { done } of batch) done.reject(error);
      }
    }
    this.writing = undefined;
  }
}
