import type { ServerProcess } from '@millrace/stack';

/** What a test may do with a server, be it a process or a container. */
export type ServerHandle = Pick<
  ServerProcess,
  'name' | 'logFile' | 'pid' | 'start' | 'stop' | 'kill' | 'restart' | 'logTail'
>;
