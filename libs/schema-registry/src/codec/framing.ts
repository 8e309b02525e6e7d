/** Bytes before the Avro body: 0x00 and the schema id, big-endian. */
export const frameBytes = 5;

/** The schema id of a framed value, or undefined when it is not framed. */
export function readSchemaId(value: Uint8Array): number | undefined {
  if (value.length < frameBytes || value[0] !== 0) return undefined;
  return (((value[1] ?? 0) << 24) | ((value[2] ?? 0) << 16) | ((value[3] ?? 0) << 8) | (value[4] ?? 0)) >>> 0;
}

/** Writes the frame at the start of a buffer. */
export function writeFrame(buffer: Buffer, schemaId: number): void {
  buffer[0] = 0;
  buffer[1] = schemaId >>> 24;
  buffer[2] = schemaId >>> 16;
  buffer[3] = schemaId >>> 8;
  buffer[4] = schemaId;
}
