import { answer, objectOf, problemRefs, schemaRef } from '@millrace/documents';
import type { Projection } from '@millrace/projecting';
import { rowSchema } from './column-schema';
import { listParameters, waitingParameters } from './list-parameters';
import { parkedSchema } from './parked-schema';
import { problemTypes } from './problem-types';

const positions = {
  type: 'array',
  items: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,249}/[0-9]{1,10}/[0-9]{1,19}$' },
  description: 'The last record of each partition that the answer includes.',
};

const parkedByKey = {
  type: 'object',
  additionalProperties: parkedSchema,
  description: 'Those of the rows that lack events, by their keys; absent where none does.',
};

/** What answers have beside their body. */
const headers = {
  etag: { description: 'Of the content without the positions; weak.', schema: { type: 'string' } },
  'millrace-positions': {
    description: 'The positions with commas in between; on problems that have positions, too.',
    schema: { type: 'string' },
  },
  'millrace-positions-omitted': {
    description:
      'In its place when that would be longer than 4,096 bytes: the positions are in the body alone.',
    schema: { type: 'string' },
  },
};

/** The schemas of one projection's rows and answers; several projections can stand in one document. */
export function projectionSchemas(projection: Projection): Record<string, object> {
  const { name } = projection;
  return {
    [`${name}.Row`]: rowSchema(projection, projection.derive !== undefined),
    [`${name}.Answer`]: objectOf({
      row: schemaRef(`${name}.Row`),
      ...(projection.kind === 'entity' ? { 'parked?': parkedSchema } : {}),
      positions,
    }),
    [`${name}.Page`]: objectOf({
      rows: { type: 'array', items: schemaRef(`${name}.Row`) },
      ...(projection.kind === 'entity' ? { 'parked?': parkedByKey } : {}),
      'next?': { type: 'string', description: 'The cursor of the next page; absent on the last one.' },
      positions,
    }),
  };
}

/** The two queries of one projection, in the version that is given. */
export function projectionPaths(projection: Projection): Record<string, object> {
  const { name, keyName } = projection;
  const notChanged = { description: 'The client has this content; the positions are new.', headers };
  return {
    [`/v1/projections/${name}`]: {
      get: {
        operationId: `${name}.list`,
        summary: `Rows of ${name}, a page at a time.`,
        description: served(projection),
        parameters: listParameters(projection),
        responses: {
          200: { ...answer('A page.', schemaRef(`${name}.Page`)), headers },
          304: notChanged,
          ...problemRefs(statusesBut(['row-not-found'])),
        },
      },
    },
    [`/v1/projections/${name}/{${keyName}}`]: {
      get: {
        operationId: `${name}.byKey`,
        summary: `One row of ${name}.`,
        parameters: [
          { name: keyName, in: 'path', required: true, schema: { type: 'string' } },
          ...waitingParameters,
        ],
        responses: {
          200: { ...answer('The row.', schemaRef(`${name}.Answer`)), headers },
          304: notChanged,
          ...problemRefs(statusesBut(['cursor-version'])),
        },
      },
    },
  };
}

function served({ keyName, indexes, queryable, version }: Projection): string {
  const along = [keyName, ...indexes.map((index) => `(${index.join(', ')})`)].join(', ');
  const free = queryable.length === 0 ? '' : ` ${queryable.join(', ')} may be used in any way.`;
  return (
    `Version ${version}. Filters and sort go along ${along}: the first columns of an index by equality, the next one by a ` +
    `range or sorted by.${free} What is not served is 400 not-served.`
  );
}

function statusesBut(names: readonly string[]): number[] {
  return problemTypes.filter(({ name }) => !names.includes(name)).map(({ status }) => status);
}
