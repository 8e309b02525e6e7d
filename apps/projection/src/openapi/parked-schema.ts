import { objectOf } from '@millrace/documents';

/** What answers say of a key that is parked. */
export const parkedSchema = {
  ...objectOf({
    since: { type: 'string', format: 'date-time' },
    reason: { type: 'string', description: 'The words of the error.' },
    position: { type: 'string', description: 'Of the event: `topic/partition/offset`.' },
    events: { type: 'integer', description: 'How many wait, that one included.' },
  }),
  description:
    'There only where an event of the key cannot be folded: the row lacks it and those behind it, although positions has them.',
};
