import { RpcContextCreator } from '@nestjs/microservices/context/rpc-context-creator.js';

type CreatePipes = RpcContextCreator['createPipesFn'];

const createPipesFn = Reflect.get(RpcContextCreator.prototype, 'createPipesFn') as (
  this: RpcContextCreator,
  ...given: Parameters<CreatePipes>
) => ReturnType<CreatePipes>;
const done = Promise.resolve();

/**
 * Nest 12.1 resolves each parameter of a handler through two asynchronous functions and waits for all of them, also where no
 * pipe has anything to say: half of what a call of a handler costs. Handlers whose parameters are `@Payload()` and `@Ctx()`
 * without pipes get them at once; all others go Nest's way.
 */
RpcContextCreator.prototype.createPipesFn = function (this: RpcContextCreator, pipes, parameters) {
  // Those of custom decorators may be promises, and their types are texts.
  const plain = parameters.every(({ type, pipes: own }) => own.length === 0 && typeof type === 'number');
  if (pipes.length > 0 || parameters.length === 0 || !plain)
    return createPipesFn.call(this, pipes, parameters);
  return (args, ...given) => {
    for (const { index, extractValue } of parameters) {
      args[index] = (extractValue as (...all: unknown[]) => unknown)(...given);
    }
    return done;
  };
};
