import { checkProjection } from '@millrace/projection-check';
import { firstFlightEvents } from '../../test/first-flight-events';
import { projection } from './index';

describe('the projection flight', () => {
  it('gives rows that are a function of the log', async () => {
    checkProjection(projection, await firstFlightEvents(20));
  });
});
