import { MillraceError } from '@millrace/contracts';

/** How a child ended: one of the two is null, as Node reports it. */
export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A server did not come up: its port is taken, it exited, or it was not ready in time. Holds its log's last lines. */
export class ServerStartError extends MillraceError {
  override readonly name = 'ServerStartError';
  readonly code = 'STACK_SERVER_DID_NOT_START';
  readonly retriable = true;

  constructor(
    server: string,
    reason: string,
    options: { readonly logFile: string; readonly logTail?: string; readonly cause?: unknown },
  ) {
    const tail = options.logTail
      ? `. The end of ${options.logFile}:\n${indent(options.logTail)}`
      : `. Its log: ${options.logFile}`;
    super(`${server} did not start: ${reason}${tail}`, {
      context: { server, logFile: options.logFile },
      cause: options.cause,
    });
  }
}

/** `exited with code 1`, `was ended by SIGKILL`. */
export function describeExit({ code, signal }: ServerExit): string {
  return signal === null ? `exited with code ${code}` : `was ended by ${signal}`;
}

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}
