import { catalogue, FlightLanded } from '@millrace/contracts';
import { EventCodec, RegistryClient } from '@millrace/schema-registry';
import { readLog } from '../../read-log';
import type { StoredRecord } from '../../read-log';
import type { LedgerRecord } from '../evidence';
import { attemptOf } from '../generate/event-body';

/**
 * All that the log of the ledger's topic holds, decoded, in the order of each partition. A record that is no FlightLanded,
 * or cannot be decoded, is among them with nulls.
 */
export async function readLedgerLog(servers: {
  readonly brokers: readonly string[];
  readonly registryUrl: string;
}): Promise<LedgerRecord[]> {
  const { topic } = FlightLanded;
  const stored = await readLog(topic, servers.brokers);
  const codec = new EventCodec(catalogue, new RegistryClient({ url: servers.registryUrl }));
  await codec.ensureDecodable(
    topic,
    stored.map(({ value }) => value),
  );
  return stored.map((record) => ledgerRecord(codec, record));
}

function ledgerRecord(codec: EventCodec, record: StoredRecord): LedgerRecord {
  const { partition, offset, key, headers } = record;
  const { ce_id: id = null, ce_source: source = null, traceparent, ce_time: time } = headers;
  const landed = decode(codec, record);
  return {
    topic: FlightLanded.topic,
    partition,
    offset,
    source,
    id,
    key,
    seq: landed?.delayMinutes ?? null,
    destination: landed?.destination ?? null,
    attempt: attemptOf(traceparent),
    atMs: time === undefined ? 0 : Date.parse(time),
  };
}

function decode(codec: EventCodec, { value }: StoredRecord): FlightLanded | undefined {
  if (value === null) return undefined;
  try {
    const { eventType, value: payload } = codec.decode(FlightLanded.topic, value);
    return eventType.type === FlightLanded.type ? (payload as FlightLanded) : undefined;
  } catch {
    return undefined;
  }
}
