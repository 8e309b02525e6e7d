import { closeSync, openSync, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JavaCandidate } from './find-java';

export interface ClassArchiveOptions {
  readonly java: JavaCandidate;
  /** Where the server's jars are; the archive lies there too, because it is good for exactly those. */
  readonly directory: string;
}

/**
 * JVM flags for a server: the first one that ends in peace archives its loaded classes (about a second, once), later ones
 * map them and start with half the work (JEP 350, JDK-8261455). The JVM writes the archive's header last. Killed before
 * that, it leaves one behind with which no JVM starts fast, and which none replaces: such an archive is removed here.
 */
export function classArchiveFlags(options: ClassArchiveOptions): string[] {
  const file = archiveFile(options);
  if (!isComplete(file)) rmSync(file, { force: true });
  return ['-XX:+AutoCreateSharedArchive', `-XX:SharedArchiveFile=${file}`, '-Xlog:cds*=off'];
}

/** Flags for a short-lived tool on the same jars: uses the server's archive when there is one, and writes none. */
export function existingClassArchiveFlags(options: ClassArchiveOptions): string[] {
  const file = archiveFile(options);
  return isComplete(file) ? [`-XX:SharedArchiveFile=${file}`, '-Xlog:cds*=off'] : [];
}

/** Whether the header is there: it begins with a number that is not zero. False for a file that is not there. */
function isComplete(file: string): boolean {
  const magic = Buffer.alloc(4);
  try {
    const handle = openSync(file, 'r');
    try {
      readSync(handle, magic, 0, magic.length, 0);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  return magic.some((byte) => byte !== 0);
}

function archiveFile({ java, directory }: ClassArchiveOptions): string {
  return join(directory, `classes-java-${java.version ?? 'unknown'}.jsa`);
}
