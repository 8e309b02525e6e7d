import { readFileSync } from 'node:fs';
import { catalogue } from '@millrace/contracts';
import { compileErrors, validate } from '@readme/openapi-parser';
import { openApiDocument } from '../openapi/openapi-document';
import { problemTypes } from '../openapi/problem-types';

const limits = {
  MAX_BATCH_EVENTS: 1_000,
  MAX_BATCH_BYTES: 4_000_000,
  MAX_EVENT_BYTES: 900_000,
  MAX_EXTENSIONS: 20,
};

/** Rows of the guide's tables that begin with a status and a problem. */
function problemsOfGuide(): string[] {
  const guide = readFileSync('docs/guides/publishing.md', 'utf8');
  return [...guide.matchAll(/^\| (\d{3}) +\| `([a-z-]+)`/gm)].map(([, status, name]) => `${status} ${name}`);
}

describe('the OpenAPI document of the producer', () => {
  // The parser replaces references within what it is given.
  const copy = (): Record<string, unknown> =>
    structuredClone(openApiDocument(catalogue, limits, '1.0.0')) as Record<string, unknown>;

  it('is valid OpenAPI 3.1', async () => {
    const result = await validate(copy() as never);
    expect(result.valid ? [] : compileErrors(result)).toEqual([]);
  });

  it('is not, when something in it is wrong', async () => {
    const wrong = { ...copy(), paths: { '/v1/events': { post: { responses: { 201: {} } } } } };
    expect((await validate(wrong as never)).valid).toBe(false);
  });

  it('has a path for each event type, and takes its payload there', () => {
    expect(copy()).toMatchObject({
      paths: {
        '/v1/events/flights.FlightLanded': {
          post: {
            requestBody: {
              content: {
                'application/json': { schema: { $ref: '#/components/schemas/flights.FlightLanded' } },
              },
            },
          },
        },
      },
    });
  });

  it('knows every problem of the guide, under its status', () => {
    const known = problemTypes.map(({ status, name }) => `${status} ${name}`);
    expect(problemsOfGuide().length).toBeGreaterThan(25);
    expect(problemsOfGuide().filter((each) => !known.includes(each))).toEqual([]);
  });
});
