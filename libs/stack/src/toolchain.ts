import { MillraceError } from '@millrace/contracts';
import {
  explainMissingJava,
  explainMissingMaven,
  findOnPath,
  searchJava,
  type JavaCandidate,
} from './find-java';

/** No Java is new enough. The message lists each one found, its version and place, and which variable to set. */
export class JavaNotFoundError extends MillraceError {
  override readonly name = 'JavaNotFoundError';
  readonly code = 'STACK_JAVA_NOT_FOUND';
  readonly retriable = false;
}

/** There is no `mvn` on PATH, and the stack has not been fetched yet. */
export class MavenNotFoundError extends MillraceError {
  override readonly name = 'MavenNotFoundError';
  readonly code = 'STACK_MAVEN_NOT_FOUND';
  readonly retriable = false;
}

export interface FindJavaOptions {
  /** The oldest major version that will do. */
  readonly minimum: number;
  readonly env: NodeJS.ProcessEnv;
  /** `[directory, path of the home below each of its entries]`; by default the usual places of this system. */
  readonly places?: readonly (readonly [directory: string, home: string])[];
}

/**
 * Finds a Java of `minimum` or newer: JAVA_HOME, then PATH, then the usual places.
 * @throws JavaNotFoundError STACK_JAVA_NOT_FOUND
 */
export function findJava(options: FindJavaOptions): JavaCandidate {
  const { java, candidates } = searchJava(options);
  if (java === undefined) {
    throw new JavaNotFoundError(explainMissingJava({ ...options, candidates }), {
      context: {
        minimum: options.minimum,
        found: candidates.map(({ home, version }) => `${version ?? '?'} ${home}`),
      },
    });
  }
  return java;
}

/**
 * Finds `mvn` on PATH.
 * @throws MavenNotFoundError STACK_MAVEN_NOT_FOUND
 */
export function findMaven(env: NodeJS.ProcessEnv): string {
  const maven = findOnPath('mvn', env);
  if (maven === undefined) throw new MavenNotFoundError(explainMissingMaven());
  return maven;
}
