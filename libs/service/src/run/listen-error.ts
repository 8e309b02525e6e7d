import { MillraceError } from '@millrace/contracts';

interface ListenFailure {
  readonly service: string;
  readonly host: string;
  readonly port: number;
  readonly cause: unknown;
}

const advice: Readonly<Record<string, string>> = {
  EADDRINUSE:
    'the port is in use; stop what listens there, or set PORT to another one (0 takes any free one)',
  EACCES: 'this user may not listen there; set PORT to 1024 or above',
  EADDRNOTAVAIL: 'this machine has no such address; set HOST to one that it has, such as 127.0.0.1',
  ENOTFOUND: 'no such host name; set HOST to an address of this machine, such as 127.0.0.1',
};

/** A service could not open its port. */
export class ListenError extends MillraceError {
  override readonly name = 'ListenError';
  override readonly code = 'SERVICE_CANNOT_LISTEN';
  override readonly retriable = false;

  constructor({ service, host, port, cause }: ListenFailure) {
    const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? 'unknown';
    super(`${service} cannot listen on ${host}:${port} (HOST and PORT): ${advice[code] ?? code}`, {
      context: { service, host, port, reason: code },
      cause,
    });
  }
}
