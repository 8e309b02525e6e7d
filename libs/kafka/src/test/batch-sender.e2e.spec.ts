import { startTestStack } from '@millrace/testing';
import type { ProxiedTestStack } from '@millrace/testing';
import { describeBatchSenderFaults } from './batch-sender-faults-contract';
import { senders } from './senders-under-test';

describe('batches, when something breaks', () => {
  let stack: ProxiedTestStack;
  beforeAll(async () => {
    stack = await startTestStack({ proxies: true });
  });
  afterAll(() => stack.stop());

  for (const sender of senders) describeBatchSenderFaults(sender, () => stack);
});
