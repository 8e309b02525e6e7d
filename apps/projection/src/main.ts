import { runService } from '@millrace/service';
import { projectionService } from './projection-service';

await runService(projectionService);
