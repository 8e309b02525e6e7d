/** A schema as the registry holds it. */
export interface RegisteredSchema {
  /** `AVRO`, `JSON` or `PROTOBUF`. */
  readonly schemaType: string;
  readonly text: string;
  /** How many other schemas it refers to. */
  readonly references: number;
}

/** The schema as JSON. Throws a plain Error when it is not an Avro schema that is complete in itself. */
export function parseAvro({ schemaType, text, references }: RegisteredSchema): object {
  if (schemaType !== 'AVRO') throw new Error(`it is a ${schemaType} schema, expected AVRO`);
  if (references > 0)
    throw new Error('it refers to schemas of other subjects, expected one that is complete in itself');
  const schema: unknown = JSON.parse(text);
  if (typeof schema !== 'object' || schema === null) throw new Error('expected the schema of a record');
  return schema;
}
