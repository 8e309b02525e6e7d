import { MillraceError } from '@millrace/contracts';
import type { ErrorContext } from '@millrace/contracts';
import type { PayloadProblem } from './payload-problem';

interface Cause {
  readonly cause?: unknown;
}

/** Where a record or a schema is; whatever of it is known. */
export interface SchemaPlace {
  readonly topic?: string;
  readonly subject?: string;
  readonly schemaId?: number;
  readonly type?: string;
  readonly registry?: string;
}

/** A value is not framed as Confluent's serializers do it: 0x00, four bytes of schema id, body. */
export class NotConfluentFramedError extends MillraceError {
  override readonly name = 'NotConfluentFramedError';
  override readonly code = 'SCHEMA_NOT_FRAMED';
  override readonly retriable = false;

  constructor(place: SchemaPlace, length: number) {
    super(
      `a record of topic ${place.topic} is not framed: expected 0x00 and four bytes of schema id before the body, got ` +
        `${length} bytes that do not begin so. Was it written by a producer without a schema registry?`,
      { context: { ...place, length } },
    );
  }
}

/** The registry has no schema of this id. */
export class SchemaNotFoundError extends MillraceError {
  override readonly name = 'SchemaNotFoundError';
  override readonly code = 'SCHEMA_NOT_FOUND';
  override readonly retriable = false;

  constructor(place: SchemaPlace, options: Cause = {}) {
    super(
      `the registry ${place.registry} has no schema with id ${place.schemaId}${inTopic(place)}: was the record written ` +
        'with another registry?',
      { context: { ...place }, ...options },
    );
  }
}

/** The writer's schema of a record has not been fetched: `ensureDecodable` was not awaited for it. */
export class SchemaNotLoadedError extends MillraceError {
  override readonly name = 'SchemaNotLoadedError';
  override readonly code = 'SCHEMA_NOT_LOADED';
  override readonly retriable = true;

  constructor(place: SchemaPlace) {
    super(
      `schema ${place.schemaId} of topic ${place.topic} is not loaded: await codec.ensureDecodable with the batch before ` +
        'decoding it',
      { context: { ...place } },
    );
  }
}

/** A record's event type is not one that the catalogue has for its topic. */
export class UnexpectedEventTypeError extends MillraceError {
  override readonly name = 'UnexpectedEventTypeError';
  override readonly code = 'EVENT_TYPE_UNEXPECTED';
  override readonly retriable = false;

  constructor(place: SchemaPlace, expected: readonly string[]) {
    super(
      `topic ${place.topic} holds a record of type ${place.type} (schema ${place.schemaId}), and the catalogue has ` +
        `${expected.join(', ') || 'no event types'} there: add the type to its topics.yaml, or upgrade this process`,
      { context: { ...place, expected } },
    );
  }
}

/** The schema that a record was written with, or our own, cannot be used. */
export class SchemaUnreadableError extends MillraceError {
  override readonly name = 'SchemaUnreadableError';
  override readonly code = 'SCHEMA_UNREADABLE';
  override readonly retriable = false;

  constructor(place: SchemaPlace, reason: string, options: Cause = {}) {
    const which = place.schemaId === undefined ? `the schema of ${place.type}` : `schema ${place.schemaId}`;
    super(
      `${which}${inTopic(place)} cannot be read as the generated contract: ${reason}. Was the schema changed without ` +
        'regard to compatibility?',
      { context: { ...place, reason }, ...options },
    );
  }
}

/** The bytes of a record are not what its schema says. */
export class CorruptEventError extends MillraceError {
  override readonly name = 'CorruptEventError';
  override readonly code = 'EVENT_CORRUPT';
  override readonly retriable = false;

  constructor(place: SchemaPlace, reason: string, options: Cause = {}) {
    super(
      `the body of a ${place.type} in topic ${place.topic} does not fit its schema ${place.schemaId}: ${reason}`,
      { context: { ...place, reason }, ...options },
    );
  }
}

/** An upcaster could not lift a record of an older version: it threw, or what it gave does not fit the present schema. */
export class UpcastFailedError extends MillraceError {
  override readonly name = 'UpcastFailedError';
  override readonly code = 'EVENT_NOT_UPCAST';
  override readonly retriable = false;

  constructor(
    place: SchemaPlace,
    { upcasters, reason }: { readonly upcasters: readonly string[]; readonly reason: string },
    options: Cause = {},
  ) {
    super(
      `a ${place.type} in topic ${place.topic}, written with schema ${place.schemaId}, was not lifted to the present version by ` +
        `${upcasters.join(', then ')}: ${reason}. The record stays in the log: mend upcasters.ts of its domain under schemas/, ` +
        'run `npm run generate`, and deploy',
      { context: { ...place, upcasters: upcasters.join(), reason }, ...options },
    );
  }
}

/** An upcaster is for an event type that the catalogue does not have, so that it would never run. */
export class UnknownUpcasterError extends MillraceError {
  override readonly name = 'UnknownUpcasterError';
  override readonly code = 'UPCASTER_UNKNOWN';
  override readonly retriable = false;

  constructor(upcaster: string, type: string) {
    super(
      `upcaster ${upcaster} is for event type ${type}, which the catalogue does not have: ` +
        'correct `event` in upcasters.ts of its domain under schemas/, or take it out',
      { context: { upcaster, type } },
    );
  }
}

/** A value cannot be encoded: it does not fit its schema. `problems` says where and why. */
export class InvalidEventError extends MillraceError {
  override readonly name = 'InvalidEventError';
  override readonly code = 'EVENT_INVALID';
  override readonly retriable = false;
  readonly problems: readonly PayloadProblem[];

  constructor(place: SchemaPlace, problems: readonly PayloadProblem[]) {
    const list = problems.map(
      ({ path, expected, got }) => `${path || '/'}: expected ${expected}, got ${got}`,
    );
    super(`an event does not fit the schema of ${place.type}: ${list.join('; ')}`, { context: { ...place } });
    this.problems = problems;
  }
}

/** An event type is not registered, so nothing can be written with it. */
export class SchemaNotRegisteredError extends MillraceError {
  override readonly name = 'SchemaNotRegisteredError';
  override readonly code = 'SCHEMA_NOT_REGISTERED';
  override readonly retriable = true;

  constructor(subjects: readonly string[], registry: string) {
    super(
      `the registry ${registry} does not have the present schema of ${subjects.join(', ')}: run \`millrace schema ` +
        'register`',
      { context: { subjects, registry } },
    );
  }
}

/** A schema breaks the compatibility that its subject promises; the registry refused it, or this lib did. */
export class SchemaIncompatibleError extends MillraceError {
  override readonly name = 'SchemaIncompatibleError';
  override readonly code = 'SCHEMA_INCOMPATIBLE';
  override readonly retriable = false;

  constructor(subject: string, reason: string, options: Cause & { readonly advice?: string } = {}) {
    const {
      advice = 'add fields with defaults, remove only fields that have one, and change no type',
      cause,
    } = options;
    super(
      `the schema of ${subject} is not compatible with its earlier versions: ${reason}. Instead: ${advice}. ` +
        '`millrace schema check` shows everything at once',
      { context: { subject, reason }, cause },
    );
  }
}

/** An event type that the codec was not built with. */
export class UnknownEventTypeError extends MillraceError {
  override readonly name = 'UnknownEventTypeError';
  override readonly code = 'EVENT_TYPE_UNKNOWN';
  override readonly retriable = false;

  constructor(type: string) {
    super(
      `event type ${type} cannot be encoded: it is not in this codec's catalogue, or prepare() has not run`,
      {
        context: { type },
      },
    );
  }
}

/** The registry does not answer, or says that it cannot at the moment. */
export class RegistryUnreachableError extends MillraceError {
  override readonly name = 'RegistryUnreachableError';
  override readonly code = 'REGISTRY_UNREACHABLE';
  override readonly retriable = true;

  constructor(registry: string, what: string, options: Cause & { reason: string }) {
    super(
      `the schema registry ${registry} could not ${what}: ${options.reason}. Is it running, and is SCHEMA_REGISTRY_URL right?`,
      {
        context: { registry, reason: options.reason } satisfies ErrorContext,
        cause: options.cause,
      },
    );
  }
}

/** The registry refused a request for a reason that trying again does not change. */
export class RegistryRefusedError extends MillraceError {
  override readonly name = 'RegistryRefusedError';
  override readonly code = 'REGISTRY_REFUSED';
  override readonly retriable = false;

  constructor(registry: string, what: string, options: Cause & { status: number; reason: string }) {
    super(`the schema registry ${registry} refused to ${what}: ${options.status} ${options.reason}`, {
      context: { registry, status: options.status, reason: options.reason },
      cause: options.cause,
    });
  }
}

function inTopic(place: SchemaPlace): string {
  return place.topic === undefined ? '' : ` of topic ${place.topic}`;
}
