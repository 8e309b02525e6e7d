import { describeBatchSender } from './batch-sender-contract';
import { senders } from './senders-under-test';

for (const sender of senders) describeBatchSender(sender);
