import { findTopic } from '@millrace/contracts';
import type { Catalogue, Compatibility, EventType } from '@millrace/contracts';
import { compileEvent } from '../compiled-event';
import { sameSchema } from '../same-schema';
import { adviceFor } from './broken-rule';
import { checkCompatibility, directionsOf, versionsCompared } from './check-compatibility';
import type { EarlierSchema, Violation } from './check-compatibility';

/** What was under a subject before. */
export interface EarlierSubject {
  readonly topic: string;
  /** The full name of its records. */
  readonly type: string;
  /** Oldest first. */
  readonly versions: readonly EarlierSchema[];
}

/** What became of one subject. */
export interface SubjectReport {
  readonly subject: string;
  readonly topic: string;
  readonly type: string;
  /** The level that the topic declares now. */
  readonly level: Compatibility;
  readonly status: 'new' | 'unchanged' | 'compatible' | 'incompatible';
  /** The labels of the versions that it was compared with. */
  readonly compared: readonly string[];
  readonly broken: readonly Violation[];
}

/**
 * Checks every event type of a catalogue against what its subject held before, under the level that its topic declares
 * now, and what has become of the event types that are gone from a topic that is still declared: their records are in
 * the log, and somebody has to read them. An event type that names another one among its aliases takes its place, and is
 * compared with its versions. Pure, but for compiling.
 * @throws SchemaUnreadableError for a schema of the catalogue that cannot be used.
 */
export function checkCatalogue(
  catalogue: Catalogue,
  earlier: ReadonlyMap<string, EarlierSubject>,
): SubjectReport[] {
  for (const event of catalogue.events) compileEvent(event);
  const present = catalogue.events.map((event) =>
    checkEvent(event, levelOf(catalogue, event.topic), earlier.get(event.subject)?.versions ?? []),
  );
  const subjects = new Set(catalogue.events.map(({ subject }) => subject));
  const gone = [...earlier].flatMap(([subject, before]): SubjectReport[] => {
    const declared = findTopic(catalogue, before.topic) !== undefined;
    return subjects.has(subject) || !declared || before.versions.length === 0
      ? []
      : [checkRemoved(catalogue, subject, before)];
  });
  return [...present, ...gone];
}

/** The level of a topic of the catalogue. */
export function levelOf(catalogue: Catalogue, topic: string): Compatibility {
  return findTopic(catalogue, topic)?.compatibility ?? 'FULL_TRANSITIVE';
}

function checkEvent(
  event: EventType,
  level: Compatibility,
  versions: readonly EarlierSchema[],
): SubjectReport {
  const { subject, topic, type, schema } = event;
  const broken = checkCompatibility(level, schema, versions);
  const last = versions.at(-1);
  const compared = versionsCompared(level, versions).map(({ label }) => label);
  return { subject, topic, type, level, status: statusOf(), compared, broken };

  function statusOf(): SubjectReport['status'] {
    if (broken.length > 0) return 'incompatible';
    if (last === undefined) return 'new';
    return sameSchema(schema, last.schema) ? 'unchanged' : 'compatible';
  }
}

function checkRemoved(catalogue: Catalogue, subject: string, before: EarlierSubject): SubjectReport {
  const { topic, type, versions } = before;
  const level = levelOf(catalogue, topic);
  const named = catalogue.events.find(
    (event) => event.topic === topic && (compileEvent(event).type.aliases ?? []).includes(type),
  );
  if (named !== undefined) return { ...checkEvent(named, level, versions), subject, type };
  const report = { subject, topic, type, level };
  const last = versions.at(-1);
  if (last === undefined || !directionsOf(level).includes('backward'))
    return { ...report, status: 'compatible', compared: [], broken: [] };
  const gone: Violation = {
    rule: 'event-type-removed',
    path: '',
    message: `the topic ${topic} no longer lists ${type}: the records of it that the log holds could not be read`,
    advice: adviceFor('event-type-removed', 'backward', `\`${type}\``),
    version: last.label,
    direction: 'backward',
  };
  return { ...report, status: 'incompatible', compared: [last.label], broken: [gone] };
}
