import { checkProjection } from '@millrace/projection-check';
import { firstFlightEvents } from '../../first-flight-events';
import { projection } from './index';

describe('the second version of airport', () => {
  it('gives rows that are a function of the log', async () => {
    checkProjection(projection, await firstFlightEvents(20));
  });
});
