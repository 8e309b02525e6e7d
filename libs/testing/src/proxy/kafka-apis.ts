/** Kafka's requests by name, as far as clients of ours send them. https://kafka.apache.org/protocol#protocol_api_keys */
export const KAFKA_APIS = {
  Produce: 0,
  Fetch: 1,
  ListOffsets: 2,
  Metadata: 3,
  OffsetCommit: 8,
  OffsetFetch: 9,
  FindCoordinator: 10,
  JoinGroup: 11,
  Heartbeat: 12,
  LeaveGroup: 13,
  SyncGroup: 14,
  DescribeGroups: 15,
  ListGroups: 16,
  SaslHandshake: 17,
  ApiVersions: 18,
  CreateTopics: 19,
  DeleteTopics: 20,
  DeleteRecords: 21,
  InitProducerId: 22,
  OffsetForLeaderEpoch: 23,
  AddPartitionsToTxn: 24,
  AddOffsetsToTxn: 25,
  EndTxn: 26,
  TxnOffsetCommit: 28,
  DescribeConfigs: 32,
  CreatePartitions: 37,
  DeleteGroups: 42,
} as const;

export type KafkaApi = keyof typeof KAFKA_APIS;

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(KAFKA_APIS).map(([name, apiKey]) => [apiKey, name]),
);

/** `Produce` for 0; `api-99` for one without a name here. */
export function kafkaApiName(apiKey: number): string {
  return NAMES.get(apiKey) ?? `api-${apiKey}`;
}
