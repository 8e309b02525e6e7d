import { MillraceError } from '@millrace/contracts';

/** Containers were asked for, and no container engine can run them so that tests reach them. */
export class ContainerEngineError extends MillraceError {
  override readonly name = 'ContainerEngineError';
  override readonly code = 'TEST_CONTAINER_ENGINE';
  override readonly retriable = false;

  constructor(reason: string, options: { readonly cause?: unknown } = {}) {
    super(
      `TEST_STACK=containers, but ${reason}. Start a container engine on this machine, or leave TEST_STACK out: the embedded servers need none.`,
      options,
    );
  }
}
