import { sampleRun } from '../test/sample-run';
import {
  activity,
  ago,
  bytes,
  commandLine,
  count,
  counted,
  duration,
  percent,
  permille,
  progressText,
} from './wording';

function folded(done: string, total: string) {
  return sampleRun({
    progress: { done, total, eventsPerSecond: null, secondsLeft: null, partitions: [] },
  });
}

describe('the wording of a replay', () => {
  it('groups the digits of counts beyond what a double can hold', () => {
    expect(count('9007199254740993')).toBe('9,007,199,254,740,993');
    expect([counted('1', 'row'), counted(2, 'row')]).toEqual(['1 row', '2 rows']);
  });

  it.each([
    [0, '0 s'],
    [59.4, '59 s'],
    [59.6, '1 min 0 s'],
    [3_600, '1 h 0 min'],
    [3_660 + 59, '1 h 1 min'],
  ])('says %d seconds as %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it.each([
    ['0', '40000', 0],
    ['39999', '40000', 999],
    ['40000', '40000', 1_000],
    ['50000', '40000', 1_000],
    ['0', '0', 1_000],
    ['9007199254740992', '9007199254740993', 999],
  ])('counts %s of %s as %i thousandths: all of them only when nothing is left', (done, total, share) => {
    expect(permille(folded(done, total))).toBe(share);
  });

  it('says how far a replay is, how fast and for how long, and leaves out what is not known', () => {
    expect(progressText(sampleRun())).toBe('10,000 of 40,000 events, 9,000/s, 3 s left');
    expect(progressText(folded('1', '2'))).toBe('1 of 2 events');
  });

  it('says that a replay is paused', () => {
    expect(activity(sampleRun({ state: 'proving' }))).toBe('proving');
    expect(activity(sampleRun({ paused: true }))).toBe('paused while building');
  });

  it('names commands as they were called, through npm or not', () => {
    const before = process.env['npm_lifecycle_event'];
    try {
      process.env['npm_lifecycle_event'] = 'millrace';
      expect(commandLine('replay list')).toBe('npm run millrace -- replay list');
      process.env['npm_lifecycle_event'] = 'test';
      expect(commandLine('replay list')).toBe('millrace replay list');
    } finally {
      if (before === undefined) delete process.env['npm_lifecycle_event'];
      else process.env['npm_lifecycle_event'] = before;
    }
  });

  it.each([
    ['0', '0 B'],
    ['1023', '1023 B'],
    ['8192', '8.0 KiB'],
    ['1610612736', '1.5 GiB'],
  ])('writes a size of %s bytes as %s', (value, expected) => expect(bytes(value)).toBe(expected));

  it.each([
    [0.01, '1%'],
    [0.0025, '0.25%'],
    [2 / 3, '66.7%'],
    [1, '100%'],
  ])('writes a share of %d as %s', (share, expected) => expect(percent(share)).toBe(expected));

  it('writes how long ago something was, never in the future', () => {
    const at = '2026-01-02T03:04:05Z';
    expect([3_000, 90_000_000, -5_000].map((later) => ago(at, Date.parse(at) + later))).toEqual([
      '3 s ago',
      '1 d 1 h ago',
      '0 s ago',
    ]);
  });
});
