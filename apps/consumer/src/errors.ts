import { MillraceError } from '@millrace/contracts';

/** This process hosts no consumer group of that name. */
export class GroupNotFoundError extends MillraceError {
  override readonly name = 'GroupNotFoundError';
  override readonly code = 'GROUP_NOT_FOUND';
  override readonly retriable = false;

  constructor(
    group: string,
    readonly known: readonly string[],
  ) {
    super(
      `This process hosts no consumer group ${JSON.stringify(group.slice(0, 63))}; it hosts: ${known.join(', ') || 'none'}. ` +
        'CONSUMER_GROUPS lists the folders of a process.',
      { context: { known } },
    );
  }
}
