/** What there is to a message of kafkajs, with bytes as text: Jest compares buffers one element after the other. */
export function plainMessage(message: object): unknown {
  const { key, value, headers, offset, timestamp, isControlRecord, batchContext } = message as Record<
    string,
    unknown
  >;
  const fields = { key, value, headers, offset: String(offset), timestamp, isControlRecord, batchContext };
  return JSON.parse(JSON.stringify(fields, toHex));
}

/** A buffer comes here as what its `toJSON` has made of it. */
function toHex(_: string, each: unknown): unknown {
  const bytes = each as { readonly type?: unknown; readonly data: number[] } | null;
  return bytes?.type === 'Buffer' ? Buffer.from(bytes.data).toString('hex') : each;
}
