import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { JavaCandidate } from './find-java';

export interface ClassArchiveOptions {
  readonly java: JavaCandidate;
  /** Where the server's jars are; the archive lies there too, because it is good for exactly those. */
  readonly directory: string;
}

/**
 * JVM flags for a server: the first one that ends in peace archives its loaded classes (about a second, once), later ones
 * map them and start with half the work (JEP 350, JDK-8261455). The JVM writes the archive's header last, and ignores an
 * archive without a valid one, so neither a kill nor two writers at once can hurt.
 */
export function classArchiveFlags(options: ClassArchiveOptions): string[] {
  return ['-XX:+AutoCreateSharedArchive', `-XX:SharedArchiveFile=${archiveFile(options)}`, '-Xlog:cds*=off'];
}

/** Flags for a short-lived tool on the same jars: uses the server's archive when there is one, and writes none. */
export function existingClassArchiveFlags(options: ClassArchiveOptions): string[] {
  const file = archiveFile(options);
  return existsSync(file) ? [`-XX:SharedArchiveFile=${file}`, '-Xlog:cds*=off'] : [];
}

function archiveFile({ java, directory }: ClassArchiveOptions): string {
  return join(directory, `classes-java-${java.version ?? 'unknown'}.jsa`);
}
