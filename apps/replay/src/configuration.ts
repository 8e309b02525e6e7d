import {
  databaseVariables,
  defineConfiguration,
  groupVariables,
  kafkaVariables,
  registryVariables,
  serverVariables,
} from '@millrace/service';

export const configuration = defineConfiguration({
  ...serverVariables({ port: 3004 }),
  ...kafkaVariables,
  ...groupVariables,
  ...registryVariables,
  ...databaseVariables,
});
