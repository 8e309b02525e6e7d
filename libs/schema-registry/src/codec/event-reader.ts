import { eventTypesOf } from '@millrace/contracts';
import type { Catalogue, EventType, MillraceError } from '@millrace/contracts';
import type { ByteRange } from '@millrace/event';
import type avsc from 'avsc';
import { compileNativeType, compileWriterType } from '../avro/compile-type';
import { compileEvent } from '../compiled-event';
import { CorruptEventError, SchemaUnreadableError, UnexpectedEventTypeError } from '../errors';
import { parseAvro } from '../registry/registered-schema';
import type { RegisteredSchema } from '../registry/registered-schema';
import { sameSchema } from '../same-schema';
import { frameBytes } from './framing';
import { upcast, upcastersFor } from './upcast-event';

/** How the records of one schema id in one topic are read: into an event type, or always with the same error. */
export type EventReader =
  | { readonly eventType: EventType; readonly decode: (value: ByteRange) => unknown }
  | { readonly error: () => MillraceError };

interface WrittenWith {
  readonly topic: string;
  readonly schemaId: number;
  readonly schema: RegisteredSchema;
}

/**
 * Makes the reader for a writer's schema: the event type of the same name in this topic, resolved as Avro does it, or lifted by the
 * upcasters that the catalogue has for that version. What was written with the present schema is never lifted.
 */
export function makeEventReader(catalogue: Catalogue, written: WrittenWith): EventReader {
  const { topic, schemaId, schema } = written;
  const place = { topic, schemaId };
  const candidates = eventTypesOf(catalogue, topic);
  let writerSchema: object;
  let writer: avsc.types.RecordType;
  try {
    writerSchema = parseAvro(schema);
    writer = compileWriterType(writerSchema);
  } catch (cause) {
    const reason = (cause as Error).message;
    return { error: () => new SchemaUnreadableError(place, reason, { cause }) };
  }
  const type = writer.name ?? '';
  const eventType = candidates.find((candidate) => reads(candidate, type));
  if (eventType === undefined) {
    const expected = candidates.map((candidate) => candidate.type);
    return { error: () => new UnexpectedEventTypeError({ ...place, type }, expected) };
  }
  const reader = compileEvent(eventType).type;
  try {
    const isPresent = sameSchema(eventType.schema, writerSchema);
    const fields = new Set(writer.fields.map(({ name }) => name));
    const upcasters = isPresent ? [] : upcastersFor(catalogue, eventType, fields);
    if (upcasters.length > 0) {
      const old = compileNativeType(writerSchema);
      const at = { ...place, type };
      return {
        eventType,
        decode: (value) => {
          const written = decodeBody({ reader: old, resolver: undefined, value, place: at });
          return upcast(written as Record<string, unknown>, { eventType, upcasters, place: at });
        },
      };
    }
    const resolver = isPresent ? undefined : reader.createResolver(writer, byUnqualifiedName());
    return {
      eventType,
      decode: (value) => decodeBody({ reader, resolver, value, place: { ...place, type } }),
    };
  } catch (cause) {
    const reason = (cause as Error).message;
    return { error: () => new SchemaUnreadableError({ ...place, type }, reason, { cause }) };
  }
}

/** Avro compares the names of records, enums and fixeds without their namespaces; avsc compares them whole, unless told. */
function byUnqualifiedName(): object {
  // New for each call: avsc keeps what it has resolved in it.
  return { ignoreNamespaces: true };
}

/** A record may have been renamed: its former names are the schema's aliases. */
function reads(eventType: EventType, type: string): boolean {
  return eventType.type === type || (compileEvent(eventType).type.aliases?.includes(type) ?? false);
}

interface Body {
  readonly reader: avsc.types.RecordType;
  readonly resolver: ReturnType<avsc.Type['createResolver']> | undefined;
  readonly value: ByteRange;
  readonly place: { readonly topic: string; readonly schemaId: number; readonly type: string };
}

function decodeBody(body: Body): unknown {
  const { reader, resolver, value } = body;
  const { bytes, from, to } = value;
  try {
    const decoded = reader.decode(bytes, from + frameBytes, resolver);
    if (decoded.offset === to) return decoded.value;
  } catch {
    // It is found again below.
  }
  throw corruption(body);
}

/** What is wrong with a value. Alone: where others lie behind it, one that ends too early was read into those. */
function corruption({ reader, resolver, value, place }: Body): CorruptEventError {
  const alone = value.bytes.subarray(value.from, value.to);
  try {
    const { offset } = reader.decode(alone, frameBytes, resolver);
    return new CorruptEventError(
      place,
      offset < 0 || offset > alone.length
        ? 'it ends too early'
        : `${alone.length - offset} bytes are left over`,
    );
  } catch (cause) {
    return new CorruptEventError(place, (cause as Error).message, { cause });
  }
}
