import type { Projection } from '@millrace/projecting';

const EVENT_TAKES_MS = 0.5;
const nobody = new Int32Array(new SharedArrayBuffer(4));

/** The same rows, folded so slowly that a rebuild can be met in the middle, however fast the machine is. */
export function slowed(projection: Projection): Projection {
  const folds: Projection['folds'] = new Map(
    [...projection.folds].map(([type, fold]) => [
      type,
      {
        ...fold,
        apply: (state, payload, metadata) => {
          Atomics.wait(nobody, 0, 0, EVENT_TAKES_MS);
          return fold.apply(state, payload, metadata);
        },
      },
    ]),
  );
  return { ...projection, folds };
}
