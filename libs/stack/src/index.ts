/** Finds or starts Kafka, the schema registry and PostgreSQL. */
export { appCommand, appProcess, compiledTree, type AppProcessOptions } from './app-process';
export { newClusterId } from './cluster-id';
export { StackDirectoryInUseError } from './directory-lock';
export { addressVariables, StackEnvironmentError, type StackAddresses } from './environment';
export type { JavaCandidate } from './find-java';
export { findKafkaTools } from './kafka-tools';
export {
  fetchWithMaven,
  findInWorkspace,
  StackFetchError,
  type FetchedThing,
  type FetchOptions,
} from './maven-fetch';
export { choosePorts, freePort, isPortFree } from './ports';
export { PostgresUserError } from './postgres-user';
export { answersHttp, answersKafka } from './readiness';
export { ServerProcess, type ServerProcessOptions } from './server-process';
export { ServerStartError, type ServerExit } from './server-start-error';
export { openStack, type OpenStackOptions, type ServerName, type Stack } from './stack';
export { findJava, JavaNotFoundError, MavenNotFoundError } from './toolchain';
