import { defineConfiguration, readerVariables, serverVariables, stallVariables } from '@millrace/service';

export const configuration = defineConfiguration({
  ...serverVariables({ port: 3002 }),
  ...readerVariables,
  ...stallVariables,
  CONSUMER_GROUPS: {
    kind: 'list',
    description:
      'Folders of the consumer groups that this process hosts, from the workspace root, such as examples/flights/groups/delay-alerts.',
  },
});
