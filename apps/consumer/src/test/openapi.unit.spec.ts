import { compileErrors, validate } from '@readme/openapi-parser';
import { openApiDocument } from '../openapi/openapi-document';

describe('the OpenAPI document of the consumer', () => {
  it('is valid OpenAPI 3.1', async () => {
    // The parser replaces references within what it is given.
    const result = await validate(structuredClone(openApiDocument) as never);
    expect(result.valid ? [] : compileErrors(result)).toEqual([]);
  });
});
