/** What specs need beside the code they test: the stack, ways to wait, and comparisons that name what differs. */
export { applyCatalogue } from './apply-catalogue';
export { compactTopic, deleteRecordsBefore, growTopic, makeTopicAgain, moveGroupOffsets } from './change-log';
export { declaredTopic } from './declared-topic';
export { diffIds } from './diff-ids';
export type { IdDifference } from './diff-ids';
export { setup, teardown } from './global-setup';
export { JavaClient } from './java-client';
export { checkLedger } from './ledger/check/check-ledger';
export { haltedByPartitionCount, PARTITION_COUNT_CHANGED } from './ledger/check/halted-partitions';
export type {
  Circumstances,
  Evidence,
  HaltedPartition,
  LagSample,
  LedgerRecord,
  MemorySample,
  OpenRebuild,
  ReadModel,
  ReaderPosition,
  ShownBuild,
} from './ledger/evidence';
export { describeFindings, INVARIANTS, isClean } from './ledger/findings';
export type { Findings, Invariant } from './ledger/findings';
export { gatherEvidence } from './ledger/gather/gather-evidence';
export type { EvidenceSources } from './ledger/gather/gather-evidence';
export { LEDGER_READERS, sampleLags } from './ledger/gather/sample-lags';
export { sampleShownBuilds } from './ledger/gather/sample-shown-builds';
export { LedgerGenerator } from './ledger/generate/ledger-generator';
export type { GeneratorSummary, LedgerGeneratorOptions } from './ledger/generate/ledger-generator';
export { SeededChoices } from './ledger/seeded-choices';
export { readMemoryReport, reportMemory } from './memory/memory-report';
export { TestStackError } from './open-test-servers';
export type { TestServers } from './open-test-servers';
export type { AimHandle, AimOptions } from './proxy/aim';
export type { AfterDrop, ResetWhen } from './proxy/kafka-aims';
export type { KafkaApi } from './proxy/kafka-apis';
export type { KafkaCounts } from './proxy/kafka-counts';
export { KafkaProxy } from './proxy/kafka-proxy';
export type { KafkaProxyOptions } from './proxy/kafka-proxy';
export { ServerProxies } from './proxy/server-proxies';
export type { TcpCounts } from './proxy/tcp-counts';
export type { Direction, Silence } from './proxy/tcp-faults';
export { TcpProxy } from './proxy/tcp-proxy';
export type { ForEachDirection, ProxyTarget, TcpProxyOptions } from './proxy/tcp-proxy';
export { readLog, readRecord } from './read-log';
export type { StoredRecord } from './read-log';
export { metricOf, readMetrics } from './scraped-metrics';
export type { ScrapedSeries } from './scraped-metrics';
export type { ServerHandle } from './server-handle';
export { serversUnderTest, variablesUnderTest } from './servers-under-test';
export { silentLogger } from './silent-logger';
export { readWithSpring } from './spring-dead-letters';
export type { SpringDeadLetter } from './spring-dead-letters';
export { createPlatformDatabase, createTestDatabase } from './test-database';
export type { TestDatabase } from './test-database';
export { startTestStack } from './test-stack';
export type { ProxiedTestStack, TestService, TestStack } from './test-stack';
export { TrialTopic } from './trial-topic';
export { uniqueName } from './unique-name';
export { waitFor } from './wait-for';
