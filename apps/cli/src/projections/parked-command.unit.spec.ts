import { parkedLines } from './parked-command';

const event = {
  ...{ build: 1, version: 2, state: 'live', position: 'flights/3/7', since: '2026-01-02T03:04:05.000Z' },
  ...{ key: 'AA12', reason: 'its fold threw', events: 1_200, retrying: false },
};

describe('the list of parked events', () => {
  it('says which key waits behind which event, since when and why', () => {
    const text = parkedLines('flight', [event]).join('\n');
    expect(text).toMatch(/version 2, build 1.*live.*AA12.*flights\/3\/7.*1,200/);
    expect(text).toContain('flights/3/7: its fold threw');
  });

  it('says that a whole partition stands still, and that something is tried again', () => {
    const text = parkedLines('flight', [{ ...event, key: null, events: 0, retrying: true }]).join('\n');
    expect(text).toMatch(/being folded again.*the partition/);
  });

  it('says that nothing is parked', () => {
    expect(parkedLines('flight', [])).toEqual(['nothing of flight is parked']);
  });
});
