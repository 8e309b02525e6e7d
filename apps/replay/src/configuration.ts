import { defineConfiguration, readerVariables, serverVariables } from '@millrace/service';

export const configuration = defineConfiguration({
  ...serverVariables({ port: 3004 }),
  ...readerVariables,
});
