/** A JSON Schema (draft 2020-12, as OpenAPI 3.1 and AsyncAPI 3 have it). */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** Where both kinds of document keep schemas that have a name. */
export function schemaRef(name: string): { readonly $ref: string } {
  return { $ref: `#/components/schemas/${name}` };
}
