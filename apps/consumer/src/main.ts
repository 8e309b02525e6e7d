import { runService } from '@millrace/service';
import { consumerService } from './consumer-service';

await runService(consumerService);
