import type { EventType } from '@millrace/contracts';
import type avsc from 'avsc';
import { compileNativeType } from './avro/compile-type';
import { SchemaUnreadableError } from './errors';
import { compileReader } from './json/compile-reader';
import { ReadContext } from './json/reader';
import type { JsonReader } from './json/reader';
import type { PayloadProblem } from './payload-problem';

/** What is made once of an event type: its Avro type and its JSON reader. */
export interface CompiledEvent {
  readonly type: avsc.types.RecordType;
  readonly read: JsonReader;
}

const compiled = new WeakMap<EventType, CompiledEvent>();

/** Compiles an event type; the same object is compiled once. Throws SchemaUnreadableError for an unusable schema. */
export function compileEvent(eventType: EventType): CompiledEvent {
  const before = compiled.get(eventType);
  if (before !== undefined) return before;
  try {
    const type = compileNativeType(eventType.schema);
    const event = { type, read: compileReader(type) };
    compiled.set(eventType, event);
    return event;
  } catch (cause) {
    const { topic, subject, type } = eventType;
    throw new SchemaUnreadableError({ topic, subject, type }, (cause as Error).message, { cause });
  }
}

/** A payload in its native form, or everything that is wrong with it (at most `maxProblems`). */
export type ParsedPayload<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problems: readonly PayloadProblem[] };

/**
 * Reads parsed JSON as a value of an event type; `toJson` is the inverse. Longs may be integers, bigints (as
 * `parseJsonLossless` gives them) or strings of digits; timestamps ISO 8601 with an offset or integers since 1970;
 * decimals strings, or numbers of at most 15 digits; bytes base64. Nothing is rounded or cut to fit. Missing fields take
 * the schema's defaults; fields that the schema does not have are refused.
 */
export function parseJsonPayload<T>(eventType: EventType<T>, json: unknown): ParsedPayload<T> {
  const context = new ReadContext();
  const value = compileEvent(eventType).read(json, context);
  return context.problems.length === 0
    ? { ok: true, value: value as T }
    : { ok: false, problems: context.problems };
}
