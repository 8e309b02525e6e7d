import { answer, problemRefs, problemResponses, schemaRef } from '@millrace/documents';
import type { Projection } from '@millrace/projecting';
import { problemSchema, problemTypes, WITH_RETRY_AFTER } from './problem-types';
import { projectionPaths, projectionSchemas } from './projection-paths';

/** Of the HTTP API: its paths begin with it. */
const API_VERSION = '1.0.0';

/** The OpenAPI 3.1 document of one projection, made from its definition. */
export function projectionDocument(projection: Projection): object {
  return document(`Millrace projection ${projection.name}`, {
    description: `The read model ${projection.name}, in version ${projection.version}.`,
    projections: [projection],
    paths: {},
  });
}

/** The OpenAPI 3.1 document of a projection service: the projections that it hosts, and what every one has. */
export function openApiDocument(projections: readonly Projection[]): object {
  return document('Millrace projections', {
    description: 'Folds the log into read models, and answers queries of them.',
    projections,
    paths: servicePaths,
  });
}

function document(
  title: string,
  {
    description,
    projections,
    paths,
  }: { readonly description: string; readonly projections: readonly Projection[]; readonly paths: object },
): object {
  const own = projections.map((projection) => Object.entries(projectionPaths(projection)));
  const schemas = projections.map((projection) => Object.entries(projectionSchemas(projection)));
  return {
    openapi: '3.1.0',
    info: {
      title,
      version: API_VERSION,
      description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    paths: { ...(Object.fromEntries(own.flat()) as object), ...paths },
    components: {
      schemas: {
        ...(Object.fromEntries(schemas.flat()) as object),
        Problem: problemSchema,
        Health: { type: 'object', properties: { status: { type: 'string' } }, required: ['status'] },
      },
      responses: problemResponses(problemTypes, WITH_RETRY_AFTER),
    },
  };
}

const asDocument = answer('OpenAPI 3.1.', { type: 'object' });

const servicePaths = {
  '/v1/projections': {
    get: {
      operationId: 'projections',
      summary: 'The projections that this process hosts, and how far each is.',
      responses: {
        200: answer('They are these.', {
          type: 'object',
          properties: { projections: { type: 'array', items: { type: 'object' } } },
          required: ['projections'],
        }),
        ...problemRefs([503]),
      },
    },
  },
  '/v1/openapi.json': {
    get: { operationId: 'openapi', summary: 'This document.', responses: { 200: asDocument } },
  },
  '/v1/openapi/{projection}': {
    get: {
      operationId: 'openapi.projection',
      summary: 'The document of one projection alone.',
      parameters: [{ name: 'projection', in: 'path', required: true, schema: { type: 'string' } }],
      responses: { 200: asDocument, ...problemRefs([404, 503]) },
    },
  },
  '/metrics': {
    get: {
      operationId: 'metrics',
      summary: 'Metrics for Prometheus.',
      responses: { 200: answer('Text format 0.0.4.', { type: 'string' }, 'text/plain') },
    },
  },
  '/health/live': {
    get: {
      operationId: 'live',
      summary: 'The process answers.',
      responses: { 200: answer('It does.', schemaRef('Health')) },
    },
  },
  '/health/ready': {
    get: {
      operationId: 'ready',
      summary: 'The servers answer, and every live build is being read.',
      responses: {
        200: answer('It is so.', schemaRef('Health')),
        503: answer('It is not; each check has its reason.', schemaRef('Health')),
      },
    },
  },
};
