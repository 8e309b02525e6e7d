import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import avsc from 'avsc';
import { catalogue } from '@millrace/contracts';

const FRAME_BYTES = 5;

/** Decodes the values of flights with avsc, as it comes: what a consumer without Millrace would do, and no more. */
export async function flightDecoder(
  registryUrl: string,
): Promise<(value: Buffer) => Record<string, unknown>> {
  const registry = new SchemaRegistry({ host: registryUrl });
  const types = new Map<number, avsc.Type>();
  for (const { subject, schema } of catalogue.events) {
    types.set(await registry.getLatestSchemaId(subject), avsc.Type.forSchema(schema as avsc.Schema));
  }
  return (value) => {
    const type = types.get(value.readInt32BE(1));
    if (type === undefined) throw new Error('a record of no flight');
    return type.decode(value, FRAME_BYTES).value as Record<string, unknown>;
  };
}
