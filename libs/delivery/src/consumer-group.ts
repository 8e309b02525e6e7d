import type { EventMetadata } from '@millrace/event';
import { InvalidDefinitionError } from './errors';
import { DEFAULT_PARKING, DEFAULT_RETRY, problemsOfPolicies } from './parking/parking-policy';
import type { ParkingPolicy, RetryPolicy } from './parking/parking-policy';
import type { Transaction } from './transaction';

/** What a group must know of an event type: its name and its topic. The generated event types satisfy it. */
export interface HandledEvent {
  readonly type: string;
  readonly topic: string;
}

export interface ConsumerGroupDefinition {
  /** Kafka's group id, and the name in positions, logs and health. Lower case, digits and hyphens. */
  readonly name: string;
  /**
   * What its handlers do. `transactional`: they write through the transaction that moves the position, and an effect happens
   * once. `external`: they call the outside world, at least once, different keys at the same time. Default `transactional`.
   */
  readonly kind?: 'transactional' | 'external';
  /** Each has exactly one handler. */
  readonly handles: readonly HandledEvent[];
  /** Event types of the same topics that are passed over on purpose. */
  readonly ignores?: readonly HandledEvent[];
  /**
   * Where the group begins in a partition where it has no position yet: at the log's start, at its end, or at the first record
   * whose time is at or after this one (RFC 3339, with a zone). Default `earliest`.
   */
  readonly start?: 'earliest' | 'latest' | { readonly time: string };
  /** An event whose identity lies at most so many offsets before it is dropped as a repeat. Default 20,000. */
  readonly repeatsWithinOffsets?: number;
  /**
   * Tries of a record that fails, while its partition waits. Default 3 tries in all, 100 ms up to 1,000 ms apart. What is left
   * out is the default's.
   */
  readonly retry?: Partial<RetryPolicy>;
  /**
   * Tries of a record that still failed and was parked, while its partition goes on without its key, and the bounds of what is
   * parked. Default 12 tries, 1 s up to 5 min apart, 10,000 records a partition, a tenth of the keys.
   */
  readonly parking?: Partial<ParkingPolicy>;
  /**
   * What becomes of the key of a dead letter: with `fence` later records of the key wait until somebody redrives or discards
   * it, so that order holds; with `release` they go on without it. Default `fence`.
   */
  readonly deadKey?: 'fence' | 'release';
  /**
   * How long a dead letter is kept once it lies in the group's topic of dead letters, from its last failure. One whose key is
   * still fenced is kept until somebody decides, however old. Default 30: twice as long as the topic keeps its copy.
   */
  readonly deadLetterRetentionDays?: number | 'unlimited';
  /** Of an external group: how its handlers are called. What is left out is the default's. */
  readonly calls?: Partial<CallPolicy>;
  /** How far behind it may be before somebody should look: shown beside its lag, and in metrics. Default none. */
  readonly lagObjectiveSeconds?: number;
  /**
   * Whether its handlers may be given a record again on purpose, by a replay. Default `false`: a replay leaves the group out.
   */
  readonly replaySafe?: boolean;
}

/** How the handlers of an external group are called. */
export interface CallPolicy {
  /**
   * What they call. Handlers of one process that name the same share a circuit breaker: when it is down, they wait together.
   * Default: the group's name.
   */
  readonly dependency: string;
  /** Records of one partition that are being handled at once, each of another key. Default 64. */
  readonly concurrency: number;
  /** A call that takes longer counts as failed, and its signal is aborted. Default 10,000 ms. */
  readonly timeoutMs: number;
}

/** A checked definition with its defaults filled in. */
export interface ConsumerGroup {
  readonly name: string;
  readonly kind: 'transactional' | 'external';
  readonly topics: readonly string[];
  readonly handles: readonly HandledEvent[];
  readonly ignores: readonly HandledEvent[];
  readonly start: 'earliest' | 'latest' | { readonly timeMs: number };
  readonly repeatsWithinOffsets: number;
  readonly retry: RetryPolicy;
  readonly parking: ParkingPolicy;
  readonly deadKey: 'fence' | 'release';
  readonly deadLetterRetentionMs: number | 'unlimited';
  readonly calls: CallPolicy;
  readonly lagObjectiveSeconds: number | undefined;
  readonly replaySafe: boolean;
  /** The pattern for `@EventPattern`: it names the group too, because Nest chains handlers of equal patterns. */
  on(event: HandledEvent): { readonly group: string; readonly type: string };
  /**
   * The same for a handler that takes many events at once, in a transactional group: those of one type that follow each other,
   * in order. Each event has a handler of one of the two forms.
   */
  onBatch(event: HandledEvent): { readonly group: string; readonly type: string; readonly batch: true };
}

/** What an external handler gets beside the payload, as `@Ctx()`. */
export interface ExternalDelivery {
  readonly metadata: EventMetadata;
  /** Aborted when the call takes too long, or its partition is taken away: pass it on to what is called. */
  readonly signal: AbortSignal;
  /** The same for every call with this event in this group, whoever makes it: whoever is called can drop a repeat by it. */
  readonly idempotencyKey: string;
  /**
   * Rises with every owner of the partition, and within one with the offset. Whoever is called can refuse one that is lower
   * than the last it has seen for the key: it comes from an owner that was replaced, or from a dead letter of a released key that
   * is redriven behind later records of the key. 32 hexadecimal digits; compare as text.
   */
  readonly fencingToken: string;
  /** Counts from 1. */
  readonly attempt: number;
}

/** What a transactional handler gets beside the payload, as `@Ctx()`. */
export interface TransactionalDelivery {
  /** Commits together with the position of the group: the effect happens once. */
  readonly transaction: Transaction;
  readonly metadata: EventMetadata;
  /** Aborted when the partition is taken away: what is not committed then never will be. */
  readonly signal: AbortSignal;
}

/** What a transactional handler of the batch form gets beside the payloads, as `@Ctx()`. */
export interface TransactionalBatchDelivery extends Omit<TransactionalDelivery, 'metadata'> {
  /** Of each payload, in the same order. */
  readonly metadata: readonly EventMetadata[];
}

const WITH_ZONE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;
const DAY_MS = 86_400_000;
/** A hundred years: what PostgreSQL can subtract from today with ease. */
const MAX_DAYS = 36_500;
const NAME = /^[a-z][a-z0-9-]{0,62}$/;

/**
 * Declares a consumer group.
 * @throws InvalidDefinitionError with every problem at once.
 */
export function defineConsumerGroup(definition: ConsumerGroupDefinition): ConsumerGroup {
  const { name, handles, ignores = [] } = definition;
  const problems: string[] = [];
  if (!NAME.test(name)) problems.push(`its name must match ${NAME.source}`);
  if (handles.length === 0) problems.push('it handles no event type');
  const both = handles.filter((event) => ignores.some((ignored) => ignored.type === event.type));
  for (const event of both) problems.push(`it both handles and ignores ${event.type}`);
  const twice = handles.filter(
    (event, index) => handles.findIndex(({ type }) => type === event.type) !== index,
  );
  for (const event of twice) problems.push(`it handles ${event.type} twice`);
  const { repeatsWithinOffsets = 20_000, deadKey = 'fence', deadLetterRetentionDays: days = 30 } = definition;
  const retry = { ...DEFAULT_RETRY, ...definition.retry };
  const parking = { ...DEFAULT_PARKING, ...definition.parking };
  if (!Number.isInteger(repeatsWithinOffsets) || repeatsWithinOffsets < 0) {
    problems.push('its repeatsWithinOffsets must be a whole number from 0');
  }
  problems.push(...problemsOfPolicies(retry, parking));
  const { start = 'earliest' } = definition;
  if (typeof start !== 'string' && !(WITH_ZONE.test(start.time) && Number.isFinite(Date.parse(start.time)))) {
    problems.push(
      `its start.time must be a time with a zone, such as 2026-01-31T12:00:00Z, and is ${start.time}`,
    );
  }
  if (days !== 'unlimited' && !(days > 0 && days <= MAX_DAYS)) {
    problems.push(`its deadLetterRetentionDays must be above 0, and ${MAX_DAYS} at most, or 'unlimited'`);
  }
  const { kind = 'transactional', lagObjectiveSeconds, replaySafe = false } = definition;
  const calls = { dependency: name, concurrency: 64, timeoutMs: 10_000, ...definition.calls };
  if (kind === 'transactional' && definition.calls !== undefined) {
    problems.push('it has calls, and its handlers are transactional: calls are those of kind external');
  }
  if (!(Number.isInteger(calls.concurrency) && calls.concurrency >= 1 && calls.concurrency <= 1_000)) {
    problems.push('its calls.concurrency must be a whole number from 1 to 1000');
  }
  if (!(calls.timeoutMs >= 1 && calls.timeoutMs <= 600_000)) {
    problems.push('its calls.timeoutMs must be from 1 to 600000');
  }
  if (lagObjectiveSeconds !== undefined && !(lagObjectiveSeconds > 0)) {
    problems.push('its lagObjectiveSeconds must be above 0');
  }
  if (problems.length > 0) throw new InvalidDefinitionError(`Consumer group ${name}`, problems);
  return {
    ...{ name, kind, calls, lagObjectiveSeconds, replaySafe },
    topics: [...new Set(handles.map((event) => event.topic))],
    handles,
    ignores,
    start: typeof start === 'string' ? start : { timeMs: Date.parse(start.time) },
    repeatsWithinOffsets,
    ...{ retry, parking, deadKey },
    deadLetterRetentionMs: days === 'unlimited' ? days : days * DAY_MS,
    on(event) {
      assertDeclared(event);
      return { group: name, type: event.type };
    },
    onBatch(event) {
      assertDeclared(event);
      if (kind === 'external') {
        throw new InvalidDefinitionError(`Consumer group ${name}`, [
          `it has a batch handler for ${event.type}, and external handlers are called for one event at a time`,
        ]);
      }
      return { group: name, type: event.type, batch: true };
    },
  };

  function assertDeclared(event: HandledEvent): void {
    if (handles.some((handled) => handled.type === event.type)) return;
    throw new InvalidDefinitionError(`Consumer group ${name}`, [
      `it has a handler for ${event.type}, not declared`,
    ]);
  }
}

/**
 * Checks a group against all event types of its topics: one that it neither handles nor ignores would otherwise
 * be met in the middle of the log.
 * @throws InvalidDefinitionError naming each such type.
 */
export function checkGroupCoversTopics(group: ConsumerGroup, known: readonly HandledEvent[]): void {
  const decided = new Set([...group.handles, ...group.ignores].map((event) => event.type));
  const undecided = known.filter((event) => group.topics.includes(event.topic) && !decided.has(event.type));
  const problems = undecided.map(
    (event) => `${event.type} is published to ${event.topic}, and the group neither handles nor ignores it`,
  );
  if (problems.length > 0) throw new InvalidDefinitionError(`Consumer group ${group.name}`, problems);
}
