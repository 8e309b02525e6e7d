import { defineConfiguration, readerVariables, serverVariables, stallVariables } from '@millrace/service';

export const configuration = defineConfiguration({
  ...serverVariables({ port: 3003 }),
  ...readerVariables,
  ...stallVariables,
  PROJECTIONS: {
    kind: 'list',
    description:
      'Folders of the projections that this process hosts, from the workspace root, such as examples/flights/projections/airport.',
  },
  AT_LEAST_TIMEOUT_MS: {
    kind: 'milliseconds',
    minimum: 0,
    default: 5_000,
    description: 'How long a query with at-least waits for the read model to include the named records.',
  },
});
