import type { ByteRange } from '@millrace/event';

/** Bytes before the Avro body: 0x00 and the schema id, big-endian. */
export const frameBytes = 5;

/** The schema id of a framed value, or undefined when it is not framed. */
export function readSchemaId({ bytes, from, to }: ByteRange): number | undefined {
  return to - from < frameBytes || bytes[from] !== 0 ? undefined : bytes.readUInt32BE(from + 1);
}

/** Writes the frame at the start of a buffer. */
export function writeFrame(buffer: Buffer, schemaId: number): void {
  buffer[0] = 0;
  buffer[1] = schemaId >>> 24;
  buffer[2] = schemaId >>> 16;
  buffer[3] = schemaId >>> 8;
  buffer[4] = schemaId;
}
