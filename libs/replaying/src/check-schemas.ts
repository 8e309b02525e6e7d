import type { ProjectionFacts, SchemaFacts } from './rebuild-facts';
import type { Refusal } from './refusal';

/**
 * From zero, a rebuild meets every version that was ever written. A record that cannot be read, or that the
 * projection has no word for, would halt it in the middle.
 */
export function checkSchemas(projection: ProjectionFacts, schemas: readonly SchemaFacts[]): Refusal[] {
  const known = new Set([...projection.folds, ...projection.ignores]);
  const refusals: Refusal[] = [];
  const unknownSubjects = new Set<string>();
  for (const schema of schemas) {
    if (schema.problem !== undefined) {
      refusals.push(isUnreadable(schema, schema.problem));
    } else if (schema.eventType !== undefined && !known.has(schema.eventType)) {
      if (unknownSubjects.has(schema.subject)) continue;
      unknownSubjects.add(schema.subject);
      refusals.push(isUnknown(projection, schema, schema.eventType));
    }
  }
  return refusals;
}

function isUnreadable({ subject, version, schemaId }: SchemaFacts, problem: string): Refusal {
  const id = schemaId === undefined ? '' : ` (schema id ${schemaId})`;
  return {
    check: 'schema',
    where: `${subject} version ${version}`,
    reason: `records of this version${id} cannot be read: ${problem}. The log may hold some, and the rebuild would halt there`,
    remedy:
      'Make the present schema able to read it: give the fields that were added a default, the fields and records that ' +
      'were renamed an alias, and list the event type in its topics.yaml; then run `npm run generate` and deploy. Only ' +
      `if no record was ever written with it, remove it from the registry for good: DELETE /subjects/${subject}` +
      `/versions/${version}, and again with ?permanent=true.`,
  };
}

function isUnknown(projection: ProjectionFacts, { subject }: SchemaFacts, eventType: string): Refusal {
  return {
    check: 'schema',
    where: subject,
    reason:
      `version ${projection.version} of ${projection.name} neither folds nor ignores ${eventType}, and the log may hold ` +
      'events of this type: the rebuild would halt there',
    remedy: `Add ${eventType} to the projection's folds, or to what it ignores on purpose, and deploy it.`,
  };
}
