import { JavaClient, moveGroupOffsets, serversUnderTest, waitFor } from '@millrace/testing';
import { TrialConsumer } from './trial-consumer';

const MOVE_OFFSET = `
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

public class MoveOffset {
  public static void main(String[] arguments) throws Exception {
    try (var admin = Admin.create(Map.<String, Object>of("bootstrap.servers", arguments[0]))) {
      var offsets = Map.of(new TopicPartition(arguments[2], 0), new OffsetAndMetadata(2));
      admin.alterConsumerGroupOffsets(arguments[1], offsets).all().get();
      System.out.println("moved");
    } catch (java.util.concurrent.ExecutionException refused) {
      System.out.println(refused.getCause().getClass().getName());
    }
  }
}
`;

/** What looks like a move of a group's committed offset and is none; and what can be one. */
describe('a committed offset in Kafka', () => {
  let trial: TrialConsumer;

  beforeEach(async () => {
    trial = await TrialConsumer.create();
  });

  afterEach(() => trial.remove());

  const takeOrders = async (count: number, member = trial) => {
    const before = (await trial.effects(0)).length;
    await Promise.all(Array.from({ length: count }, (_, index) => trial.order(0, `order-${before + index}`)));
    await waitFor('the orders, or a halt', async () => {
      const isHalted = (await member.shown(0))?.state === 'halted';
      return isHalted || (await trial.effects(0)).length === before + count;
    });
    expect((await member.shown(0))?.reason).toBeUndefined();
  };
  const move = (...offsets: bigint[]) =>
    waitFor('the group to be empty', async () => {
      await moveGroupOffsets(trial.group.name, trial.topic.name, offsets);
      return true;
    });

  it('that a member wrote, also one that was killed before it could write the last one, is no move', async () => {
    await trial.start();
    await takeOrders(10);
    await trial.stop();
    // As after a kill: more was done than was copied, and it was copied more than is noted.
    await Promise.all([trial.order(0, 'passed-10'), trial.order(0, 'passed-11')]);
    await trial.database.query(`
      UPDATE millrace.position SET next_offset = 12, copy_offset = 5, last_timestamp = NULL, last_identity = NULL
       WHERE partition = 0`);
    expect((await trial.copiedOffsets())[0]).toBe(10n);
    await trial.start();
    await takeOrders(5);
  });

  it('that Kafka acknowledged and nobody noted is no move', async () => {
    await move(7n, 0n, 0n);
    await trial.start();
    await takeOrders(10);
    await trial.database.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'as after a kill'; END $$;
      CREATE TRIGGER no_notes BEFORE UPDATE OF copy_offset ON millrace.position EXECUTE FUNCTION refuse()`);
    await takeOrders(5);
    await trial.stop();
    expect((await trial.copiedOffsets())[0]).toBe(15n);
    await trial.start();
    await takeOrders(5);
    expect(await trial.shown(0)).toMatchObject({ state: 'running' });
  });

  it('that expired, or was never written, is no move', async () => {
    await trial.start();
    await takeOrders(10);
    await trial.stop();
    await trial.forgetCopies();
    expect((await trial.copiedOffsets())[0]).toBe(-1n);
    await trial.start();
    await takeOrders(10);
    await trial.stop();
    expect((await trial.copiedOffsets())[0]).toBe(20n);
  });

  it('that was there before the group, as of another client, is no move; what it becomes afterwards is one', async () => {
    await move(5n, 5n, 5n);
    await trial.start();
    await takeOrders(10);
    await trial.stop();
    expect(await trial.copiedOffsets()).toEqual([10n, 0n, 0n]);
    await move(5n, 5n, 0n);
    await trial.start();
    for (const partition of [0, 1]) {
      const halt = () => waitFor('the halt', async () => (await trial.shown(partition))?.state === 'halted');
      await expect(halt()).resolves.toBe(true);
    }
  });

  it('that the version before wrote, which marks and notes nothing, is no move', async () => {
    await trial.start();
    await takeOrders(10);
    await trial.stop();
    await trial.database.query(
      'UPDATE millrace.position SET epoch = epoch + 1, next_offset = 9, last_timestamp = NULL',
    );
    await move(8n, 0n, 0n);
    await trial.start();
    await waitFor('the last one again', async () => (await trial.effects(0)).length === 11);
    await takeOrders(5);
    expect(await trial.shown(0)).toMatchObject({ state: 'running' });
  });

  it('of a database that was restored to an earlier time is no move: it reads on from there', async () => {
    await trial.start();
    await takeOrders(10);
    await trial.stop();
    await trial.database.query('CREATE TABLE backup AS SELECT * FROM millrace.position');
    await trial.start();
    await takeOrders(10);
    await trial.stop();
    await trial.database.query(
      'DELETE FROM millrace.position; INSERT INTO millrace.position SELECT * FROM backup; DELETE FROM effect WHERE record_offset >= 10',
    );
    await trial.start();
    await waitFor('the last ten again', async () => (await trial.effects(0)).length === 20);
    expect(await trial.shown(0)).toMatchObject({ state: 'running' });
  });

  it('is no move while two members hand partitions to each other, restart after restart', async () => {
    const other = trial.beside();
    await trial.start();
    await other.start();
    await takeOrders(20);
    try {
      for (const [leaves, stays] of [
        [trial, other],
        [other, trial],
        [trial, other],
      ] as const) {
        await leaves.stop();
        await takeOrders(20, stays);
        await leaves.start();
        await takeOrders(20, stays);
        for (const member of [leaves, stays]) {
          const states = await Promise.all([0, 1, 2].map((partition) => member.shown(partition)));
          expect(states.map((shown) => shown?.state)).not.toContain('halted');
        }
      }
    } finally {
      await other.stop();
    }
  });

  describe('and Kafka’s own client and tool', () => {
    let java: JavaClient;

    beforeAll(async () => {
      java = await JavaClient.open();
    });

    afterAll(() => java.close());

    const reset = () =>
      java.run([
        'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
        ...['--bootstrap-server', serversUnderTest().brokers.join(), '--group', trial.group.name],
        ...['--topic', trial.topic.name, '--reset-offsets', '--to-offset', '2', '--execute'],
      ]);

    it('cannot be moved while the group has a member: the broker refuses it', async () => {
      await trial.start();
      await takeOrders(5);
      const args = [serversUnderTest().brokers.join(), trial.group.name, trial.topic.name];
      expect(await java.runSource('MoveOffset', MOVE_OFFSET, { args })).toContain('UnknownMemberIdException');
    });

    it('is moved by kafka-consumer-groups.sh once the group has no member, and halts', async () => {
      await trial.start();
      await takeOrders(5);
      await trial.stop();
      await waitFor('the tool to move it', async () => (await reset()).includes(trial.group.name));
      expect((await trial.copiedOffsets())[0]).toBe(2n);
      await trial.start();
      const shown = await waitFor('the halt', async () => {
        const partition = await trial.shown(0);
        return partition?.state === 'halted' && partition;
      });
      expect(shown.reason).toContain(`Kafka's committed offset of ${trial.topic.name}/0 is 2`);
    });
  });
});
