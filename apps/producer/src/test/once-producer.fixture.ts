/** The producer, for a catalogue whose topics have an idempotency window. Runs from the compiled tree. */
import { catalogue } from '@millrace/contracts';
import { runService } from '@millrace/service';
import { producerService } from '../producer-service';
import { withWindow } from './with-window';

await runService(producerService(withWindow(catalogue)));
