/** What a Kafka proxy read and did, beyond the counts of its bytes. */
export interface KafkaCounts {
  /** Requests that came from clients, by API name. */
  readonly requests: Record<string, number>;
  /** Responses that came from the broker, by the API name of their request. */
  readonly responses: Record<string, number>;
  /** By the API name of their request. */
  readonly responsesDropped: Record<string, number>;
  readonly responsesDelayed: Record<string, number>;
  readonly requestsDelayed: Record<string, number>;
  readonly resetsBeforeForward: Record<string, number>;
  readonly resetsAfterForward: Record<string, number>;
  /** Responses to no request that is known. They were passed on; anything but 0 is a defect of the proxy. */
  unmatchedResponses: number;
  /** Connections that were reset because their bytes were not Kafka's frames. */
  unreadableConnections: number;
}

export function noKafkaCounts(): KafkaCounts {
  return {
    requests: {},
    responses: {},
    responsesDropped: {},
    responsesDelayed: {},
    requestsDelayed: {},
    resetsBeforeForward: {},
    resetsAfterForward: {},
    unmatchedResponses: 0,
    unreadableConnections: 0,
  };
}

export function countFor(counts: Record<string, number>, api: string): void {
  counts[api] = (counts[api] ?? 0) + 1;
}
