import * as fc from 'fast-check';
import { formatPosition } from '@millrace/event';
import type { Position } from '@millrace/event';
import type { Attempt, AttemptKind, LedgerEvent, Outcome } from '../attempt';
import type { Call, Effect, Evidence, LedgerRecord, ReadModel } from '../evidence';
import { LEDGER_READER, OUTSIDE_READER } from '../evidence';
import { SeededChoices } from '../seeded-choices';

const TOPIC = 'flights';
const PARTITIONS = 3;
const KEYS = 4;

/** What a faultless platform leaves behind after troubled publishing: unknown outcomes, refusals, repeats, doubles. */
export const cleanHistories: fc.Arbitrary<Evidence> = fc
  .record({ seed: fc.integer(), events: fc.integer({ min: 12, max: 80 }) })
  .map(({ seed, events }) => cleanHistory(seed, events));

export function cleanHistory(seed: number, events = 60): Evidence {
  const history = new CleanHistory(SeededChoices.for(seed, 'history'));
  for (let count = 0; count < events; count++) history.publish();
  return history.evidence();
}

/** The same history, in which every reader has halted at an offset of a partition, for its topic's other partitions. */
export function haltedAt(history: Evidence, partition: number, nextOffset: bigint): Evidence {
  const isRead = (at: Position) => at.partition !== partition || at.offset < nextOffset;
  const effects = history.effects.filter(isRead);
  const ids = new Set(effects.map(formatPosition));
  const records = history.log.filter((record) => ids.has(formatPosition(record)));
  const at = { topic: TOPIC, partition };
  const readers = [LEDGER_READER, OUTSIDE_READER, ...history.readModels.map(({ reader }) => reader)];
  return {
    ...history,
    effects,
    calls: history.calls.filter(isRead),
    positions: readers.flatMap((reader) =>
      history.positions.slice(0, PARTITIONS).map((position) => {
        const isHalted = position.partition === partition;
        return { ...position, reader, ...(isHalted ? { nextOffset } : {}) };
      }),
    ),
    halted: readers.map((reader) => ({
      reader,
      ...at,
      reason: `${reader}: ${TOPIC} has 4 partitions, and had 3`,
    })),
    readModels: history.readModels.map((each) => ({
      ...each,
      rows: each.model === 'ledgerLast' ? lastRows(effects) : sumRows(records),
    })),
  };
}

class CleanHistory {
  private readonly attempts: Attempt[] = [];
  private readonly log: LedgerRecord[] = [];
  private readonly ends = Array.from({ length: PARTITIONS }, () => 0n);
  private readonly seqs = new Map<string, number>();
  private lines = 0;

  constructor(private readonly choices: SeededChoices) {}

  publish(): void {
    const { choices } = this;
    const key = `k${choices.between(0, KEYS - 1)}`;
    const destination = choices.pick(['ATL', 'BOS']);
    if (choices.happens(0.1)) {
      const invalid = { id: this.nextId(), key, seq: 0, destination, valid: false };
      this.attempt('invalid', invalid, refused(422));
    }
    const seq = (this.seqs.get(key) ?? 0) + 1;
    this.seqs.set(key, seq);
    const event = { id: this.nextId(), key, seq, destination, valid: true };
    let kind: AttemptKind = 'event';
    for (; choices.happens(0.3); kind = 'again') {
      const isUnknown = choices.happens(0.5);
      const outcome: Outcome = isUnknown ? { outcome: 'unknown', reason: 'no answer' } : refused(503);
      const n = this.attempt(kind, event, outcome);
      if (isUnknown && choices.happens(0.5)) this.write(event, n);
    }
    this.acknowledge(kind, event);
    if (choices.happens(0.1)) this.acknowledge('repeat', event);
  }

  evidence(): Evidence {
    const seen = new Set<string | null>();
    const distinct = this.log.filter(({ id }) => !seen.has(id) && seen.add(id));
    const effects = distinct.map(({ id, key, seq, ...place }, index): Effect => {
      const { topic, partition, offset, atMs } = place;
      const number = BigInt(index + 1);
      return { number, id: String(id), key: String(key), seq: Number(seq), topic, partition, offset, atMs };
    });
    const readModels: ReadModel[] = [
      {
        model: 'ledgerLast',
        build: 'ledgerLast@1 live',
        reader: 'projection/ledgerLast@1',
        rows: lastRows(effects),
      },
      {
        model: 'ledgerSum',
        build: 'ledgerSum@1 live',
        reader: 'projection/ledgerSum@1',
        rows: sumRows(distinct),
      },
    ];
    return {
      attempts: this.attempts,
      log: this.log.toSorted((a, b) => a.partition - b.partition || Number(a.offset - b.offset)),
      effects,
      calls: this.callsFor(effects),
      parked: [],
      dead: [],
      positions: [LEDGER_READER, OUTSIDE_READER].flatMap((reader) =>
        this.ends.map((nextOffset, partition) => ({ reader, topic: TOPIC, partition, nextOffset })),
      ),
      halted: [],
      readModels,
    };
  }

  /** In the order of the effects; some are made again, by the same owner of the partition or by the next one. */
  private callsFor(effects: readonly Effect[]): Call[] {
    const { choices } = this;
    const token = (epoch: number, offset: bigint) =>
      [epoch, offset].map((part) => part.toString(16).padStart(16, '0')).join('');
    const calls: Omit<Call, 'number'>[] = [];
    let epoch = 1;
    for (const { number: _number, ...effect } of effects) {
      const call = { ...effect, idempotencyKey: `key of ${effect.id}` };
      calls.push({ ...call, fencingToken: token(epoch, effect.offset), attempt: 1 });
      if (choices.happens(0.1))
        calls.push({ ...call, fencingToken: token(epoch, effect.offset), attempt: 2 });
      if (!choices.happens(0.1)) continue;
      // A former owner that is late: its token tells.
      const former = { ...call, fencingToken: token(epoch, effect.offset), attempt: 1 };
      epoch += 1;
      calls.push({ ...call, fencingToken: token(epoch, effect.offset), attempt: 1 });
      if (choices.happens(0.5)) calls.push(former);
    }
    return calls.map((call, index) => ({ ...call, number: BigInt(index + 1) }));
  }

  private nextId(): string {
    return `r-${this.attempts.length + 1}`;
  }

  private acknowledge(kind: AttemptKind, event: LedgerEvent): void {
    const n = this.attempts.length + 1;
    // The producer sends again what Kafka has not answered.
    if (this.choices.happens(0.1)) this.write(event, n);
    const position = formatPosition(this.write(event, n));
    this.attempt(kind, event, { outcome: 'acknowledged', position });
  }

  private attempt(kind: AttemptKind, { id, key, seq }: LedgerEvent, outcome: Outcome): number {
    const n = this.attempts.length + 1;
    const [sentLine, outcomeLine] = [(this.lines += 1), (this.lines += 1)];
    const times = { sentAt: sentLine, at: outcomeLine, sentLine, outcomeLine };
    this.attempts.push({ n, kind, id, key, seq, way: 'single', outcome, ...times });
    return n;
  }

  private write({ id, key, seq, destination }: LedgerEvent, attempt: number): LedgerRecord {
    const partition = Number(key.slice(1)) % PARTITIONS;
    const offset = this.ends[partition] ?? 0n;
    this.ends[partition] = offset + 1n;
    const place = { topic: TOPIC, partition, offset };
    const record = { ...place, source: '/faults', id, key, seq, destination, attempt, atMs: this.lines + 1 };
    this.log.push(record);
    return record;
  }
}

function refused(status: number): Outcome {
  return { outcome: 'refused', status, type: 'urn:millrace:problem:some' };
}

/** Event by event, as the platform folds, and unlike the checker. */
function lastRows(effects: readonly Effect[]): ReadModel['rows'] {
  const rows = new Map<string, { seq: number; events: number }>();
  for (const { key, seq } of effects) rows.set(key, { seq, events: (rows.get(key)?.events ?? 0) + 1 });
  return [...rows].map(([key, values]) => ({ key, values }));
}

function sumRows(records: readonly LedgerRecord[]): ReadModel['rows'] {
  const rows = new Map<string, { events: bigint; seqSum: bigint; maxSeq: number }>();
  for (const { destination, seq } of records) {
    const { events, seqSum, maxSeq } = rows.get(String(destination)) ?? { events: 0n, seqSum: 0n, maxSeq: 0 };
    rows.set(String(destination), {
      events: events + 1n,
      seqSum: seqSum + BigInt(Number(seq)),
      maxSeq: Math.max(maxSeq, Number(seq)),
    });
  }
  return [...rows].map(([key, values]) => ({ key, values }));
}
