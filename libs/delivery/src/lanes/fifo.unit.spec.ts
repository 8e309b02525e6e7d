import * as fc from 'fast-check';
import { Fifo } from './fifo';

describe('a queue', () => {
  it('gives what was put in, in that order, however long it gets', () => {
    const runs = fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 150 })), { maxLength: 30 });
    fc.assert(
      fc.property(runs, (steps) => {
        const queue = new Fifo<number>();
        const model: number[] = [];
        let nextItem = 0;
        for (const [isPush, times] of steps) {
          for (let time = 0; time < times; time++) {
            if (isPush) {
              queue.push(nextItem);
              model.push(nextItem++);
            } else {
              expect(queue.shift()).toBe(model.shift());
            }
          }
          expect(queue.size).toBe(model.length);
          expect(queue.first).toBe(model[0]);
        }
      }),
    );
  });
});
