import { defineConfiguration, kafkaVariables, registryVariables } from '@millrace/service';

/** A command reads those of these that it needs. */
export const configuration = defineConfiguration({ ...kafkaVariables, ...registryVariables });
