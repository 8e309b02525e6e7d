import { AttemptsFile } from '../attempts-file';
import { ClientWays } from './client-ways';
import type { ClientWaysOptions } from './client-ways';
import { KeyPlan } from './key-plan';
import type { PlanOptions } from './key-plan';
import { Pacer } from './pacer';
import { ProducerWays } from './producer-ways';
import type { ProducerWaysOptions } from './producer-ways';
import { RecordedWays } from './recorded-ways';
import type { AttemptCounts } from './recorded-ways';
import { takeTurn } from './take-turn';

export interface LedgerGeneratorOptions extends Partial<
  PlanOptions & ProducerWaysOptions & Pick<ClientWaysOptions, 'kafka'>
> {
  /** Begins the id of every event: no other run on the same topic may have it. */
  readonly run: string;
  readonly seed: number;
  readonly producerUrls: readonly string[];
  /** The attempts file, which must not be there yet. */
  readonly file: string;
  readonly eventsPerSecond: number;
  readonly keys: number;
  /** Keys that publish at the same time. Default 32. */
  readonly maxInFlight?: number;
  /** Default true: an unknown event is sent again before the next turn of its key. */
  readonly resend?: boolean;
}

/** What a run has published so far; `unsettled` are ids of valid events that nobody acknowledged. */
export interface GeneratorSummary extends AttemptCounts {
  readonly events: number;
  readonly invalid: number;
  readonly repeats: number;
  readonly unsettled: readonly string[];
}

const DEFAULTS = {
  streamShare: 0.5,
  clientShare: 0,
  outboxShare: 0,
  burst: 6,
  repeatShare: 0.02,
  invalidShare: 0.01,
};
const WAY_DEFAULTS = { streams: 2, timeoutMs: 12_000, outboxDatabaseUrl: undefined };

/**
 * Publishes FlightLanded events at a rate over a number of keys, by single requests, streams and the typed client, and writes every attempt
 * to a file. Each key takes turns: a single event, or a few in a row over one stream or client, and no other turn before all of
 * these have their outcome. The same seed gives the same keys and the same turns of each key; which key comes when depends
 * on how soon the others are answered.
 */
export class LedgerGenerator {
  private readonly settling = new AbortController();
  private readonly stopping = new AbortController();
  private readonly totals = { events: 0, invalid: 0, repeats: 0, unsettled: [] as string[] };
  private readonly working: Promise<unknown>;

  private constructor(
    private readonly options: LedgerGeneratorOptions,
    private readonly file: AttemptsFile,
    private readonly ways: ProducerWays,
    private readonly recorded: RecordedWays,
  ) {
    const plan = { ...DEFAULTS, ...options };
    const keys = Array.from(
      { length: options.keys },
      (_, index) => new KeyPlan(`${options.seed}-k${index}`, plan),
    );
    const pacer = new Pacer(options.eventsPerSecond);
    const loops = Math.min(options.maxInFlight ?? 32, keys.length);
    this.working = Promise.all(Array.from({ length: loops }, () => this.publish(keys, pacer)));
    // A disk that fails is told by `stop`.
    this.working.catch(() => undefined);
  }

  /** Begins at once. @throws when the attempts file is there already. */
  static async start(options: LedgerGeneratorOptions): Promise<LedgerGenerator> {
    const file = await AttemptsFile.create(options.file);
    const settings = { ...WAY_DEFAULTS, ...options };
    const ways = new ProducerWays(settings, await ClientWays.open(settings));
    return new LedgerGenerator(options, file, ways, new RecordedWays(options.run, ways, file));
  }

  get summary(): GeneratorSummary {
    return { ...this.recorded.counts, ...this.totals, unsettled: [...this.totals.unsettled] };
  }

  /**
   * Begins no more turns, goes on sending what is unknown for as long as `settleMs`, waits until every attempt has its
   * outcome on disk, and gives the summary. Idempotent. @throws what ended it before, such as a full disk.
   */
  async stop({ settleMs = 60_000 }: { readonly settleMs?: number } = {}): Promise<GeneratorSummary> {
    this.stopping.abort();
    const timer = setTimeout(() => this.settling.abort(), settleMs);
    try {
      await this.working;
    } finally {
      clearTimeout(timer);
      await this.ways.close();
      await this.file.close();
    }
    return this.summary;
  }

  /** Takes the key that has waited longest, again and again. There are no more loops than keys, so there always is one. */
  private async publish(free: KeyPlan[], pacer: Pacer): Promise<void> {
    const { resend = true } = this.options;
    while (!this.stopping.signal.aborted) {
      const key = free.shift();
      if (key === undefined) return;
      const turn = key.nextTurn();
      try {
        await pacer.pass(turn.events.length, this.stopping.signal);
      } catch {
        return;
      }
      const signal = this.settling.signal;
      const result = await takeTurn(key.key, turn, { ways: this.recorded, resend, signal });
      this.totals.events += result.events;
      this.totals.invalid += result.invalid;
      this.totals.repeats += result.repeats;
      this.totals.unsettled.push(...result.unsettled);
      free.push(key);
    }
  }
}
