import { isWrittenWith } from '@millrace/contracts';
import type { Catalogue, EventType, Upcaster } from '@millrace/contracts';
import { compileEvent } from '../compiled-event';
import { UnknownUpcasterError, UpcastFailedError } from '../errors';
import type { SchemaPlace } from '../errors';
import { findProblems } from './encode-event';

type Payload = Readonly<Record<string, unknown>>;

/**
 * The upcasters of an event type, when one of them is for a version with these fields; none otherwise, for Avro's resolution does
 * for it. All of the type's, because those of later versions run behind it.
 */
export function upcastersFor(
  catalogue: Catalogue,
  { type }: EventType,
  fields: ReadonlySet<string>,
): readonly Upcaster[] {
  const own = (catalogue.upcasters ?? []).filter(({ event }) => event === type);
  return own.some(({ writtenWith }) => isWrittenWith(writtenWith, fields)) ? own : [];
}

/** @throws UnknownUpcasterError */
export function checkUpcasters({ events, upcasters = [] }: Catalogue): void {
  for (const { name, event } of upcasters) {
    if (!events.some(({ type }) => type === event)) throw new UnknownUpcasterError(name, event);
  }
}

export interface UpcastTo {
  readonly eventType: EventType;
  readonly upcasters: readonly Upcaster[];
  readonly place: SchemaPlace;
}

/**
 * Lifts a decoded record of an older version. The upcasters run in the order of the catalogue, each if the payload, as those before it
 * left it, has the fields that it is for: so the first version passes all later ones. Then fields that are missing take the
 * present schema's defaults, those that it does not have go, and the whole has to fit it.
 * @throws UpcastFailedError
 */
export function upcast(written: Payload, { eventType, upcasters, place }: UpcastTo): unknown {
  const ran: string[] = [];
  const failed = (reason: string, cause?: unknown): UpcastFailedError =>
    new UpcastFailedError(place, { upcasters: ran, reason }, cause === undefined ? {} : { cause });
  let payload: Payload = { ...written };
  for (const upcaster of upcasters) {
    if (!isWrittenWith(upcaster.writtenWith, new Set(Object.keys(payload)))) continue;
    ran.push(upcaster.name);
    let lifted: unknown;
    try {
      lifted = upcaster.upcast(payload);
    } catch (cause) {
      throw failed(`it threw: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
    }
    if (!isPayload(lifted)) throw failed('it gave no object');
    payload = lifted;
  }
  const { type } = compileEvent(eventType);
  const value: Record<string, unknown> = {};
  for (const field of type.fields) {
    value[field.name] = field.name in payload ? payload[field.name] : field.defaultValue();
  }
  const problems = findProblems(eventType, value);
  if (problems.length > 0) {
    const list = problems.map(
      ({ path, expected, got }) => `${path || '/'}: expected ${expected}, got ${got}`,
    );
    throw failed(`what it gave does not fit the present schema: ${list.join('; ')}`);
  }
  // As any other record of the type is read: nothing of the upcaster's own objects is left in it.
  return type.fromBuffer(type.toBuffer(value));
}

function isPayload(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Promise);
}
