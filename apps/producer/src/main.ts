import { catalogue } from '@millrace/contracts';
import { runService } from '@millrace/service';
import { producerService } from './producer-service';

await runService(producerService(catalogue));
