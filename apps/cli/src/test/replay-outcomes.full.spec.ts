import { partitionFor } from '@millrace/event';
import { createKafkaClient } from '@millrace/kafka';
import { silentLogger } from '@millrace/testing';
import { ReplaysUnderTest } from './replays-under-test';

/** The number of the replay that a watch has shown. */
function idIn(stdout: string): string {
  return /^replay (\d+) of delay/.exec(stdout)![1]!;
}

describe('millrace replay', () => {
  let replays: ReplaysUnderTest;

  beforeAll(async () => {
    replays = await ReplaysUnderTest.start();
    await replays.land({ a: 5, b: 0, c: -3 });
  });
  afterEach(() => replays.settle());
  afterAll(() => replays.stop());

  async function setMinutes(flightId: string, minutes: number): Promise<void> {
    const sql = 'UPDATE read_model.delay_v1 SET minutes = $2 WHERE flight_id = $1';
    await replays.query(sql, [flightId, minutes]);
  }

  it('says in one line which projections there are when it does not know one', async () => {
    const result = await replays.run('replay', 'plan', 'delays');
    expect(result).toMatchObject({ code: 1, stdout: '' });
    expect(result.stderr).toMatch(/^millrace: [^\n]*"delays"; known: delay\.[^\n]*\n$/);
  });

  it('pauses, resumes and cancels a rebuild that nobody folds, and a watch of it ends with 5', async () => {
    await replays.projection.process.kill('SIGSTOP');
    const id = await replays.rebuild();
    expect(await replays.run('replay', 'pause', id)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/: paused while \w+, 0 of 3 events/) as string,
    });
    const shown = await replays.run('replay', 'show', id);
    expect(shown.stdout).toMatch(/: paused while .*│ flights\/5 +│ +0 │ +0 │ +\d+ │ +\d+ │ \w+ +│/s);
    expect((await replays.run('replay', 'resume', id)).stdout).toMatch(/: \w+, 0 of 3 events/);
    expect((await replays.run('replay', 'cancel', id)).stdout).toMatch(/: cancelled/);
    const watched = await replays.run('replay', 'watch', id);
    expect(watched.code).toBe(5);
    expect(watched.stdout).toContain(`replay ${id} of delay was cancelled`);
    expect(await replays.run('replay', 'pause', id)).toMatchObject({ code: 1, stdout: '' });
  });

  it('ends with 3 when the same logic gives other rows, and shows both of each', async () => {
    await setMinutes('a', 6);
    const { code, stdout, stderr } = await replays.run('replay', 'rebuild', 'delay', '--watch');
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
    expect(stdout).toContain('1 key differs: 1 changed, 0 only live, 0 only rebuilt');
    expect(stdout).toMatch(/ {2}a\n {4}live {5}\{.*"minutes":6.*\}\n {4}rebuilt {2}\{.*"minutes":5.*\}\n/);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(`  millrace replay cancel ${idIn(stdout)}`);
    await setMinutes('a', 5);
  });

  it('ends with 6 when another logic waits for approval, and with 0 once it has it', async () => {
    await replays.host('delay', 'delay-v2', 'delay-v3');
    const waiting = await replays.run('replay', 'rebuild', 'delay', '--version', '2', '--watch');
    expect(waiting.code).toBe(6);
    expect(waiting.stdout).toMatch(
      / {2}c\n {4}live {5}\{.*"minutes":-3.*\}\n {4}rebuilt {2}\{.*"minutes":0.*\}\n/,
    );
    const id = idIn(waiting.stdout);
    expect(waiting.stdout).toContain(`millrace replay approve ${id}`);
    expect(await replays.run('replay', 'approve', id)).toMatchObject({ code: 0, stderr: '' });
    const done = await replays.run('replay', 'watch', id);
    expect(done.code).toBe(0);
    expect(done.stdout).toContain('it differs from the build before, as was approved');
    expect(done.stdout).toContain('version 1, build 1 goes on folding until you decide');
  });

  it('ends with 4 where a partition is halted, and says where and why', async () => {
    // One key may be parked in a partition: the second one that fails halts it.
    const partitionOf = (flightId: string) => partitionFor(Buffer.from(flightId), 6);
    const early = Array.from({ length: 100 }, (_, number) => `early-${number}`);
    const like = early.find((each) => partitionOf(each) === partitionOf('c'))!;
    await replays.land({ [like]: -1 });
    const { code, stdout } = await replays.run('replay', 'rebuild', 'delay', '--version', '3', '--watch');
    expect(code).toBe(4);
    expect(stdout).toMatch(
      /replay \d+ of delay stands still while \w+:\n {2}flights\/\d is halted at offset \d: .*nobody is early/,
    );
  });

  it('plans and begins nothing when the log no longer has everything, and says the way out', async () => {
    const kafka = createKafkaClient({
      brokers: replays.stack.addresses.kafkaBrokers,
      clientId: 'specs',
      log: silentLogger,
    });
    const admin = kafka.admin();
    await admin.connect();
    const ends = await admin.fetchTopicOffsets('flights');
    const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
    await admin.deleteTopicRecords({ topic: 'flights', partitions });
    await admin.disconnect();
    const plan = await replays.run('replay', 'plan', 'delay', '--version', '2');
    expect(plan).toMatchObject({ code: 2, stderr: '' });
    expect(plan.stdout).toMatch(/refused:\n {2}✗ flights\/\d \(log-start\): .+\n {4}way out: .+\n/);
    const rebuild = await replays.run('replay', 'rebuild', 'delay', '--version', '2', '--watch');
    expect(rebuild).toMatchObject({ code: 2, stdout: '' });
    expect(rebuild.stderr).toMatch(/^millrace: .+\n {2}✗ flights\/\d \(log-start\): .+\n {4}way out: .+\n/);
  });
});
