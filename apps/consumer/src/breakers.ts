import type { Logger } from '@millrace/contracts';
import { DependencyBreaker, isPermanent } from '@millrace/delivery';
import type { DependencyStateChange } from '@millrace/delivery';

export interface DependencyReport {
  readonly dependency: string;
  readonly state: 'closed' | 'open' | 'half-open';
  /** Since it is closed, or since it opened first: probes that fail do not change it. */
  readonly since: string;
  readonly lastError?: string;
}

/** The circuit breakers of one process, one for each dependency, shared by all handlers that call it. */
export class Breakers {
  private readonly byDependency = new Map<string, DependencyBreaker>();

  /** `onState` hears the state of each breaker, also of a new one. */
  constructor(
    private readonly log: Logger,
    private readonly onState: (dependency: string, state: DependencyReport['state']) => void,
  ) {}

  of(dependency: string): DependencyBreaker {
    const known = this.byDependency.get(dependency);
    if (known !== undefined) return known;
    const breaker = new DependencyBreaker({
      dependency,
      // By what a handler calls permanent, the dependency has answered.
      countsAsFailure: (error) => !isPermanent(error),
      onStateChange: (change) => this.note(change),
    });
    this.byDependency.set(dependency, breaker);
    this.onState(dependency, breaker.state);
    return breaker;
  }

  private note({ dependency, from, to, lastError }: DependencyStateChange): void {
    this.onState(dependency, to);
    const fields = { dependency, from, to, ...(to === 'closed' ? {} : { error: lastError }) };
    if (to === 'closed') this.log.info(fields, 'a dependency answers again');
    else this.log.warn(fields, 'a dependency does not answer: its handlers wait');
  }
}

export function reportOf({ dependency, state, since, lastError }: DependencyBreaker): DependencyReport {
  return {
    ...{ dependency, state, since: new Date(since).toISOString() },
    ...(state === 'closed' || lastError === undefined ? {} : { lastError }),
  };
}
