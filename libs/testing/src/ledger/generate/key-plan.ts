import type { Way } from '../attempt';
import { SeededChoices } from '../seeded-choices';

/** What the plans of all keys of a run have in common; shares are from 0 to 1. */
export interface PlanOptions {
  readonly seed: number;
  /** How much of the turns goes over streams. */
  readonly streamShare: number;
  /** How much of the other turns goes through the typed client, half of that straight to Kafka. */
  readonly clientShare: number;
  /** How many of the keys go through an outbox, with all of their turns: its relay keeps the order among those alone. */
  readonly outboxShare: number;
  /** Events that a turn sends at most, one right after the other, unless its events are requests of their own. */
  readonly burst: number;
  /** How many of the events are sent once more after they were acknowledged. */
  readonly repeatShare: number;
  /** How many of the events break their schema. */
  readonly invalidShare: number;
}

export interface PlannedEvent {
  readonly seq: number;
  readonly destination: string;
  readonly valid: boolean;
  readonly repeats: boolean;
}

/** What one key publishes before anything else of it is published. */
export interface Turn {
  readonly way: Way;
  readonly events: readonly PlannedEvent[];
}

/** Few, so that each is shared by many keys and partitions. */
const DESTINATIONS = ['ATL', 'BOS', 'DEN', 'JFK', 'SEA'];

/** What a key publishes, turn by turn. The same seed and key give the same turns, however long each takes. */
export class KeyPlan {
  private readonly choices: SeededChoices;
  private readonly isOutbox: boolean;
  private seq = 0;

  constructor(
    readonly key: string,
    private readonly options: PlanOptions,
  ) {
    this.choices = SeededChoices.for(options.seed, key);
    this.isOutbox = SeededChoices.for(options.seed, `${key} outbox`).happens(options.outboxShare);
  }

  nextTurn(): Turn {
    const way = this.nextWay();
    const size = way === 'single' ? 1 : this.choices.between(1, this.options.burst);
    return {
      way: this.isOutbox ? 'outbox' : way,
      events: Array.from({ length: size }, () => this.nextEvent()),
    };
  }

  private nextWay(): Way {
    const { streamShare, clientShare } = this.options;
    if (this.choices.happens(streamShare)) return 'stream';
    if (!this.choices.happens(clientShare)) return 'single';
    return this.choices.pick(['client', 'client-kafka']);
  }

  private nextEvent(): PlannedEvent {
    const { invalidShare, repeatShare } = this.options;
    const destination = this.choices.pick(DESTINATIONS);
    if (this.choices.happens(invalidShare)) return { seq: 0, destination, valid: false, repeats: false };
    this.seq += 1;
    return { seq: this.seq, destination, valid: true, repeats: this.choices.happens(repeatShare) };
  }
}
