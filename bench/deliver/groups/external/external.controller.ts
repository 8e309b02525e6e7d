import { setTimeout as sleep } from 'node:timers/promises';
import { Controller } from '@nestjs/common';
import { EventPattern } from '@nestjs/microservices';
import { FlightDeparted, FlightLanded } from '@millrace/contracts';
import { CALL_MS } from '../../call-ms';
import { handled } from '../counted-here';
import { external } from './group';

/** Waits as long as a quick call to the outside takes. */
@Controller()
export class ExternalController {
  @EventPattern(external.on(FlightDeparted))
  onDeparted(): Promise<void> {
    return call();
  }

  @EventPattern(external.on(FlightLanded))
  onLanded(): Promise<void> {
    return call();
  }
}

async function call(): Promise<void> {
  await sleep(CALL_MS);
  handled.one();
}
