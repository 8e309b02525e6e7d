import type { AttemptKind, LedgerEvent, Outcome, Way } from '../attempt';
import type { AttemptsFile } from '../attempts-file';
import type { ProducerWays } from './producer-ways';

/** An attempt before it has its number; an event without an id takes the number of this attempt for its own. */
export interface PlannedAttempt {
  readonly kind: AttemptKind;
  readonly event: Omit<LedgerEvent, 'id'> & { readonly id?: string };
}

/** How an event fared in one attempt. */
export interface Tried {
  readonly event: LedgerEvent;
  readonly outcome: Outcome;
}

/** What was counted over all attempts. */
export interface AttemptCounts {
  readonly attempts: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
}

/** Sends attempts and writes each to the file: before it is sent, and once more when it has its outcome. */
export class RecordedWays {
  private attempts = 0;
  private readonly outcomes = { acknowledged: 0, refused: 0, unknown: 0 };

  constructor(
    private readonly run: string,
    private readonly ways: ProducerWays,
    private readonly file: AttemptsFile,
  ) {}

  get counts(): AttemptCounts {
    return { attempts: this.attempts, ...this.outcomes };
  }

  /** As `ProducerWays.send`. Rejects only when the file cannot be written. */
  async send(planned: readonly PlannedAttempt[], way: Way): Promise<Tried[]> {
    const numbered = planned.map(({ kind, event }) => {
      const n = (this.attempts += 1);
      return { n, kind, event: { ...event, id: event.id ?? `${this.run}-${n}` } };
    });
    const sentAt = Date.now();
    await this.file.append(
      ...numbered.map(({ n, kind, event: { id, key, seq } }) => ({ n, kind, id, key, seq, way, sentAt })),
    );
    const outcomes = await this.ways.send(numbered, way);
    const at = Date.now();
    const tried = numbered.map(({ n, event }, index) => {
      const outcome = outcomes[index] ?? { outcome: 'unknown', reason: 'not sent' };
      this.outcomes[outcome.outcome] += 1;
      return { n, event, outcome };
    });
    await this.file.append(...tried.map(({ n, outcome }) => ({ n, ...outcome, at })));
    return tried;
  }
}
