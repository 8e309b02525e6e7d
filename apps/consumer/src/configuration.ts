import {
  databaseVariables,
  defineConfiguration,
  groupVariables,
  kafkaVariables,
  registryVariables,
  serverVariables,
} from '@millrace/service';

export const configuration = defineConfiguration({
  ...serverVariables({ port: 3002 }),
  ...kafkaVariables,
  ...groupVariables,
  ...registryVariables,
  ...databaseVariables,
  CONSUMER_GROUPS: {
    kind: 'list',
    description:
      'Folders of the consumer groups that this process hosts, from the workspace root, such as examples/flights/groups/delay-alerts.',
  },
});
