import { z } from 'zod';
import { InvalidRequestError } from './invalid-request-error';
import { parseRequest } from './parse-request';

describe('parsing a request', () => {
  const schema = z.strictObject({ name: z.string(), limit: z.coerce.number().int().default(100) });
  const expected = 'name=<name>, limit=<number>';

  it('gives what the schema makes of it', () => {
    expect(parseRequest(schema, { name: 'a', limit: '7' }, expected)).toEqual({ name: 'a', limit: 7 });
    expect(parseRequest(schema, { name: 'a' }, expected)).toEqual({ name: 'a', limit: 100 });
  });

  it('says what a request looks like, and which fields do not fit, in one line', () => {
    const parse = () => parseRequest(schema, { name: 1, limit: 'many' }, expected);
    expect(parse).toThrow(InvalidRequestError);
    expect(parse).toThrow(
      /^The request cannot be used: expected name=<name>, limit=<number>; .*name.*limit.*$/,
    );
  });

  it('refuses a body that is none', () => {
    expect(() => parseRequest(schema, undefined, expected)).toThrow(expected);
  });
});
