import { PassThrough } from 'node:stream';
import { samplePartition, sampleRun } from '../test/sample-run';
import type { Run } from './answers';
import { barReport, jsonReport, lineReport } from './watch-reports';

function folded(done: number, changes: Partial<Run> = {}): Run {
  const { progress } = sampleRun();
  return sampleRun({ progress: { ...progress, done: String(done) }, ...changes });
}

const held = folded(12_000, {
  progress: {
    ...sampleRun().progress,
    partitions: [samplePartition({ state: 'held', position: '5', reason: 'the registry is away' })],
  },
});

describe('the report of a watch', () => {
  it('in lines has one at each tenth and at each change of state', () => {
    const lines: string[] = [];
    const report = lineReport((line) => lines.push(line));
    for (const done of [0, 100, 3_999, 4_000, 4_001, 12_000]) report.show(folded(done));
    report.show(folded(12_000, { paused: true }));
    report.show(folded(12_000, { paused: true }));
    report.show(folded(40_000, { state: 'proving' }));
    expect(lines.map((line) => line.split(' (')[0])).toEqual([
      'building: 0%',
      'building: 10%',
      'building: 30%',
      'paused while building: 30%',
      'proving: 100%',
    ]);
    expect(lines[1]).toBe('building: 10% (4,000 of 40,000 events, 9,000/s, 3 s left)');
  });

  it('in lines says once what stands still, and again when it came back', () => {
    const lines: string[] = [];
    const report = lineReport((line) => lines.push(line));
    for (const run of [held, held, folded(12_000), held]) report.show(run);
    const said = lines.filter((line) => line === 'flights/3 is held at offset 5: the registry is away');
    expect(said).toHaveLength(2);
    for (const reason of ['nobody folds it', 'nobody folds it', undefined])
      report.show(folded(12_000, { ...(reason && { reason }) }));
    expect(lines.filter((line) => line === 'nobody folds it')).toHaveLength(1);
  });

  it('in JSON has one object for each change, and keeps everything else away from them', () => {
    const [printed, said]: [string[], string[]] = [[], []];
    const report = jsonReport(
      (line) => printed.push(line),
      (line) => said.push(line),
    );
    const [first, second] = [folded(1), folded(2)];
    for (const run of [first, folded(1), second]) report.show(run);
    report.say('gone');
    expect(printed.map((line) => JSON.parse(line) as unknown)).toEqual([first, second]);
    expect(said).toEqual(['gone']);
  });

  it('on a terminal draws a bar over itself, lets lines stand above it, and ends with the cursor shown', () => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true });
    const report = barReport(terminal);
    report.show(folded(10_000));
    report.show(held);
    report.close();
    report.close();
    const drawn = String(terminal.read());
    expect(drawn).toContain('25% building | 10,000 of 40,000 events, 9,000/s, 3 s left');
    expect(drawn).toContain('flights/3 is held at offset 5: the registry is away\n');
    expect(drawn.lastIndexOf('\u001b[?25h')).toBeGreaterThan(drawn.lastIndexOf('\u001b[?25l'));
  });
});
