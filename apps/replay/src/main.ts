import { runService } from '@millrace/service';
import { replayService } from './replay-service';

await runService(replayService);
