type Environment = Readonly<Record<string, string | undefined>>;

/** One `java` of this machine. */
export interface JavaCandidate {
  /** The real path of `bin/java`, links resolved. */
  readonly executable: string;
  /** What JAVA_HOME would be for it. */
  readonly home: string;
  /** Where it was found: `JAVA_HOME`, `PATH` or the directory that lists it. */
  readonly origin: string;
  /** As it names itself, such as `21.0.4`; undefined when it does not run. */
  readonly version: string | undefined;
  /** 21 for `21.0.4`, 8 for `1.8.0_392`, -1 when it does not run. */
  readonly major: number;
}

/** The first executable file of that name in the directories of `env.PATH`. */
export function findOnPath(command: string, env: Environment): string | undefined;

/**
 * Looks for a Java of `minimum` or newer in JAVA_HOME, on PATH, then below `places` (by default /usr/lib/jvm, macOS's
 * JavaVirtualMachines and SDKMAN), where the oldest one that is new enough wins. Blocks while it reads `release` files;
 * a Java without one is run with `-version`.
 */
export function searchJava(options: {
  readonly minimum: number;
  readonly env: Environment;
  /** `[directory, path of the home below each of its entries]`. */
  readonly places?: readonly (readonly [directory: string, home: string])[];
}): { readonly java: JavaCandidate | undefined; readonly candidates: readonly JavaCandidate[] };

/** What was found where, and what to set: several lines for a person. */
export function explainMissingJava(options: {
  readonly minimum: number;
  readonly candidates: readonly JavaCandidate[];
  readonly env: Environment;
}): string;

/** What is missing, and what to do: several lines for a person. */
export function explainMissingMaven(): string;
