import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { classArchiveFlags, existingClassArchiveFlags } from './class-archive';
import type { ClassArchiveOptions } from './class-archive';

describe('the archive of a server’s classes', () => {
  let directory: string;
  let options: ClassArchiveOptions;
  let file: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'millrace-archive-'));
    options = { java: { version: '25.0.3' } as ClassArchiveOptions['java'], directory };
    file = join(directory, 'classes-java-25.0.3.jsa');
  });

  afterEach(() => rmSync(directory, { recursive: true }));

  // A server that was killed while it wrote: all later ones started four times as slowly, for good.
  it('is removed when its writer was killed before its header was there, so that the next server makes it', () => {
    writeFileSync(file, Buffer.alloc(100_000));
    expect(existingClassArchiveFlags(options)).toEqual([]);
    expect(classArchiveFlags(options)).toContain(`-XX:SharedArchiveFile=${file}`);
    expect(existsSync(file)).toBe(false);
  });

  it('is used when it is complete, and made when there is none', () => {
    expect(existingClassArchiveFlags(options)).toEqual([]);
    expect(classArchiveFlags(options)).toContain(`-XX:SharedArchiveFile=${file}`);
    writeFileSync(file, Buffer.from([0xa8, 0xba, 0x0b, 0xf0, 0, 0]));
    expect(classArchiveFlags(options)).toContain(`-XX:SharedArchiveFile=${file}`);
    expect(existingClassArchiveFlags(options)).toContain(`-XX:SharedArchiveFile=${file}`);
    expect(existsSync(file)).toBe(true);
  });
});
