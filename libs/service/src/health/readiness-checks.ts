import type { ReadinessCheck } from './readiness';

const starting: ReadinessCheck = {
  name: 'startup',
  check: (): Promise<void> => Promise.reject(new Error('still starting')),
};

/** The checks of one service, set once its application stands. Until then the service is not ready. */
export class ReadinessChecks {
  #checks: readonly ReadinessCheck[] | undefined;

  /** Throws a TypeError for two checks of one name, because one would hide the other in the answer. */
  set(checks: readonly ReadinessCheck[]): void {
    const names = checks.map(({ name }) => name);
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
      throw new TypeError(`two readiness checks are called ${twice}: expected a name for each`);
    }
    this.#checks = checks;
  }

  get(): readonly ReadinessCheck[] {
    return this.#checks ?? [starting];
  }
}
