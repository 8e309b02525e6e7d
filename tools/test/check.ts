/** Where a check writes while it runs. */
export interface Output {
  write(text: string): void;
}

/** What a check found. A check that is not made of tests counts as one. */
export interface Outcome {
  readonly passed: number;
  /** The name of each thing that failed, for the summary. */
  readonly failures: readonly string[];
}

export interface Check {
  readonly name: string;
  /** Never rejects for a failed check; a rejection means the check itself could not run. */
  run(output: Output): Promise<Outcome>;
}

export interface CheckReport extends Outcome {
  readonly name: string;
  readonly durationMs: number;
}
