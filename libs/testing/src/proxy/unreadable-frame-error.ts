import { MillraceError } from '@millrace/contracts';

/** Bytes that went to or from a broker are not Kafka's: TLS, SASL's own tokens, or another protocol. */
export class UnreadableFrameError extends MillraceError {
  override readonly name = 'UnreadableFrameError';
  override readonly code = 'TEST_PROXY_UNREADABLE_FRAME';
  override readonly retriable = false;

  constructor(reason: string, options: { readonly cause?: unknown } = {}) {
    super(
      `A Kafka proxy reads plain Kafka alone, but ${reason}. Put a TcpProxy in front of anything else.`,
      options,
    );
  }
}
