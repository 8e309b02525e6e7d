/** A service for `run-service.e2e.spec.ts`; `TRIAL` chooses how it behaves. Runs from the compiled tree. */
import { Controller, Get, Module, type OnModuleDestroy } from '@nestjs/common';
import { defineConfiguration } from '../configuration/configuration';
import { databaseVariables, serverVariables } from '../configuration/shared-variables';
import { runService } from './run-service';

@Controller()
class TrialController implements OnModuleDestroy {
  #destroyed = false;

  @Get('slow')
  async slow(): Promise<string> {
    process.stdout.write('a request is in flight\n');
    await new Promise((resolve) => setTimeout(resolve, 400));
    return this.#destroyed ? 'too late' : 'done';
  }

  async onModuleDestroy(): Promise<void> {
    this.#destroyed = true;
    if (process.env['TRIAL'] === 'hangs') {
      await new Promise(() => undefined);
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.stdout.write('gave back what it held\n');
  }
}

@Module({ controllers: [TrialController] })
class TrialModule {}

await runService({
  name: 'trial',
  configuration: defineConfiguration({ ...serverVariables({ port: 0 }), ...databaseVariables }),
  module: () => TrialModule,
  afterListen: () => {
    if (process.env['TRIAL'] === 'rejects') {
      void Promise.reject(new Error('forgotten'));
    }
    if (process.env['TRIAL'] === 'cannot start') {
      throw new Error('no broker');
    }
  },
});
