import type { Catalogue, MillraceError } from '@millrace/contracts';
import type { SchemaFacts } from '@millrace/replaying';
import { UnexpectedEventTypeError } from '../errors';
import type { RegistryHistory } from '../registry/registry-history';
import { makeEventReader } from './event-reader';

export interface TopicSchemasOptions {
  /** Its event types are what records are read as. */
  readonly catalogue: Catalogue;
  readonly history: RegistryHistory;
}

/** Confluent's default strategy puts the schemas of a topic's record keys there. */
const KEYS = 'key';

/**
 * Every version that was ever registered for a topic, deleted ones included, subject by subject and oldest first, and
 * whether `EventCodec` can decode records of it: with the same reader, so that the two cannot disagree. A subject is
 * the topic's when it is `<topic>-<name>` and the name has no hyphen, as no Avro name has; so a topic `a` never gets
 * the subjects of a topic `a-b`, whether the catalogue knows that one or not.
 *
 * A version that was deleted for good is not listed. A subject that was deleted as a whole is a problem of its own
 * with a registry that does not give out its schemas any more, such as Apicurio: nobody can say then.
 * @throws RegistryUnreachableError, RegistryRefusedError
 */
export async function readTopicSchemas(topic: string, options: TopicSchemasOptions): Promise<SchemaFacts[]> {
  const { history } = options;
  const subjects = (await history.subjects()).filter((subject) => belongsToTopic(topic, subject));
  const facts: SchemaFacts[] = [];
  for (const subject of subjects.sort()) {
    for (const version of await history.versions(subject)) {
      facts.push(await readVersion(topic, { subject, version }, options));
    }
  }
  return facts;
}

/** Whether a subject holds the schemas of an event type of this topic; see `readTopicSchemas`. */
export function belongsToTopic(topic: string, subject: string): boolean {
  const name = subject.slice(topic.length + 1);
  return subject.startsWith(`${topic}-`) && name !== '' && name !== KEYS && !name.includes('-');
}

async function readVersion(
  topic: string,
  at: { readonly subject: string; readonly version: number },
  { catalogue, history }: TopicSchemasOptions,
): Promise<SchemaFacts> {
  const schema = await history.findVersion(at.subject, at.version);
  const named = { ...at, eventType: at.subject.slice(topic.length + 1) };
  if (schema === undefined) {
    const problem = `the registry ${history.url} lists it as deleted and does not give its schema any more`;
    return { ...named, problem };
  }
  const reader = makeEventReader(catalogue, { topic, schemaId: schema.id, schema });
  return 'error' in reader
    ? { ...named, schemaId: schema.id, problem: problemOf(reader.error()) }
    : { ...at, schemaId: schema.id, eventType: reader.eventType.type };
}

/** The reason alone: where it is stands beside it, and nobody has seen a record of it yet. */
function problemOf(error: MillraceError): string {
  const { reason, type, topic } = error.context;
  if (error instanceof UnexpectedEventTypeError)
    return `the catalogue has no event type ${String(type)} in ${String(topic)}`;
  return typeof reason === 'string' ? reason : error.message;
}
