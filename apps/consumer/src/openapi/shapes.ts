/** Where the document keeps a schema. */
export const ref = (name: string): object => ({ $ref: `#/components/schemas/${name}` });

/** An object whose members are all required, but for those whose name ends in `?`. */
export function objectOf(members: Readonly<Record<string, object>>): object {
  return {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(members).map(([name, schema]) => [name.replace('?', ''), schema]),
    ),
    required: Object.keys(members).filter((name) => !name.endsWith('?')),
    additionalProperties: false,
  };
}

/** An answer of one media type. */
export function answer(description: string, schema: object, mediaType = 'application/json'): object {
  return { description, content: { [mediaType]: { schema } } };
}

export function problem(description: string): object {
  return answer(description, ref('Problem'), 'application/problem+json');
}
