import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from './run-cli';
import { SchemaWorkspace } from './schema-workspace';

const oneLine = /^millrace: [^\n]+\n$/;
const note = { name: 'note', type: ['null', 'string'], default: null };
const amount = { name: 'amount', type: 'int' };

describe('millrace schema check --against', () => {
  let workspace: SchemaWorkspace;

  beforeEach(() => {
    workspace = new SchemaWorkspace();
    workspace.event([amount]);
  });
  afterEach(() => workspace.remove());

  it('says that nothing has changed, and exits with 0', async () => {
    const commit = workspace.commit();
    expect(await workspace.check('--against', 'main')).toEqual({
      code: 0,
      stderr: '',
      stdout:
        `schemas/ against main (commit ${commit})\n` +
        `✓ orders-orders.OrderPlaced: unchanged (FULL_TRANSITIVE, compared with commit ${commit})\ncompatible\n`,
    });
  });

  it('takes a field with a default, and a new event type', async () => {
    workspace.commit();
    workspace.event([amount, note]);
    workspace.event([], { name: 'OrderPaid' });
    workspace.topic({ events: ['OrderPlaced', 'OrderPaid'] });
    const { code, stdout } = await workspace.check('--against', 'HEAD');
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/✓ orders-orders\.OrderPlaced: compatible .*\n✓ orders-orders\.OrderPaid: new /);
  });

  it('names the rule, the place and what to do instead, and exits with 2', async () => {
    const commit = workspace.commit();
    workspace.event([
      { ...amount, type: 'string' },
      { name: 'gate', type: 'string' },
    ]);
    const { code, stdout, stderr } = await workspace.check('--against', 'main');
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(stdout).toContain('✗ orders-orders.OrderPlaced: incompatible');
    expect(stdout).toContain(
      `    type-mismatch, backward with commit ${commit}, at fields.amount.type\n` +
        `      commit ${commit} holds int here and the new schema expects string; Avro reads int as long, float and double\n` +
        '      instead: leave it as it is',
    );
    expect(stdout).toMatch(
      /field-without-default, backward .*fields\.gate\n.*\n {6}instead: give `gate` a default/,
    );
    expect(stdout).toMatch(/1 of 1 subjects is not compatible\n$/);
  });

  it('compares with every version that the ref has held when the level is transitive, and else with the last', async () => {
    const first = workspace.commit();
    workspace.event([]);
    workspace.topic({ level: 'BACKWARD' });
    const second = workspace.commit();
    workspace.event([{ ...amount, type: 'string', default: '' }]);
    expect(await workspace.check('--against', 'main')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`compared with commit ${second})`) as string,
    });
    workspace.topic({ level: 'BACKWARD_TRANSITIVE' });
    const { code, stdout } = await workspace.check('--against', 'main');
    expect(code).toBe(2);
    expect(stdout).toContain(`compared with commit ${first}, commit ${second}`);
    expect(stdout).toContain(`type-mismatch, backward with commit ${first}`);
    expect(stdout).toContain('note: the level of topic orders changes from BACKWARD to BACKWARD_TRANSITIVE');
  });

  it('leaves out what was on a branch only, before it was merged', async () => {
    workspace.commit();
    workspace.git('checkout', '-q', '-b', 'draft');
    workspace.event([{ ...amount, type: 'string' }]);
    workspace.commit();
    workspace.event([amount, note]);
    workspace.commit();
    workspace.git('checkout', '-q', 'main');
    workspace.git('merge', '-q', '--no-ff', '-m', 'merge', 'draft');
    expect(await workspace.check('--against', 'main')).toMatchObject({ code: 0 });
  });

  it('finds what follows from a type of another domain', async () => {
    workspace.write('schemas/shared/topics.yaml', 'topics: []\n');
    const money = (fields: readonly object[]) => ({
      type: 'record',
      name: 'Money',
      namespace: 'shared',
      fields,
    });
    const cents = { name: 'cents', type: 'long' };
    workspace.write('schemas/shared/Money.avsc', money([cents]));
    workspace.event([{ name: 'price', type: 'shared.Money' }]);
    workspace.commit();
    workspace.write('schemas/shared/Money.avsc', money([cents, { name: 'currency', type: 'string' }]));
    const { code, stdout } = await workspace.check('--against', 'main');
    expect(code).toBe(2);
    expect(stdout).toContain('at fields.price.type.fields.currency');
  });

  it('does not let an event type go whose records are in the log, unless another one takes its name', async () => {
    workspace.topic({ level: 'BACKWARD_TRANSITIVE' });
    workspace.commit();
    rmSync(join(workspace.root, 'schemas/orders/OrderPlaced.avsc'));
    workspace.topic({ level: 'BACKWARD_TRANSITIVE', events: ['OrderMade'] });
    workspace.event([amount], { name: 'OrderMade' });
    const removed = await workspace.check('--against', 'main');
    expect(removed.code).toBe(2);
    expect(removed.stdout).toContain('event-type-removed, backward');
    workspace.event([amount], { name: 'OrderMade', aliases: ['OrderPlaced'] } as object);
    expect(await workspace.check('--against', 'main')).toMatchObject({ code: 0 });
  });

  it('shows that another key moves events to other partitions', async () => {
    workspace.event([{ name: 'shop', type: 'string' }]);
    workspace.commit();
    workspace.topic({ key: 'shop' });
    const { code, stdout } = await workspace.check('--against', 'main');
    expect(code).toBe(0);
    expect(stdout).toMatch(/note: the key of topic orders changes from orderId to shop: /);
  });

  it('passes over commits that nobody could use, and says so', async () => {
    workspace.write('schemas/orders/OrderPlaced.avsc', '{');
    const broken = workspace.commit();
    workspace.event([amount]);
    workspace.commit();
    const { code, stdout } = await workspace.check('--against', 'main');
    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(`note: commit ${broken} is passed over: schemas/orders/OrderPlaced.avsc: is not JSON`),
    );
  });

  it('prints the same as JSON', async () => {
    workspace.commit();
    workspace.event([]);
    const { code, stdout } = await workspace.check('--against', 'HEAD', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      against: { kind: 'git', ref: 'HEAD' },
      compatible: false,
      subjects: [
        {
          subject: 'orders-orders.OrderPlaced',
          level: 'FULL_TRANSITIVE',
          status: 'incompatible',
          broken: [{ rule: 'field-without-default', direction: 'forward', path: 'fields.amount' }],
        },
      ],
    });
  });

  it('says in one line what it cannot compare with, and exits with 1', async () => {
    workspace.commit();
    const unknown = await workspace.check('--against', 'origin/main');
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toMatch(oneLine);
    expect(unknown.stderr).toMatch(/origin\/main: there is no such branch.*fetch-depth: 0/);
    expect(await workspace.check('--against', '--output=elsewhere')).toMatchObject({ code: 1, stdout: '' });
    workspace.event([{ name: 'x', type: 'Nowhere' }]);
    const invalid = await workspace.check('--against', 'main');
    expect(invalid.stderr).toMatch(/^millrace: .*working tree.*no type is called `orders\.Nowhere`[^\n]*\n$/);
    rmSync(join(workspace.root, 'schemas'), { recursive: true });
    expect((await workspace.check('--against', 'main')).stderr).toMatch(
      /no schemas in .*root of the workspace/,
    );
  });

  it('refuses a clone that lacks history where every version counts', async () => {
    workspace.commit();
    workspace.event([amount, note]);
    workspace.commit();
    const clone = join(workspace.root, 'clone');
    workspace.git('clone', '-q', '--depth', '1', `file://${workspace.root}`, clone);
    const check = () => runCli(['schema', 'check', '--against', 'origin/main'], {}, { cwd: clone });
    expect((await check()).stderr).toMatch(/this clone is shallow.*fetch-depth: 0/);
    workspace.git('-C', clone, 'fetch', '-q', '--unshallow');
    expect(await check()).toMatchObject({ code: 0, stderr: '' });
  });

  it('explains its levels, exit codes and use in CI with --help', async () => {
    const { code, stdout } = await workspace.check('--help');
    expect(code).toBe(0);
    expect(stdout).toMatch(/Exit codes:[^]*2 {2}something is not compatible[^]*--against origin\/main/);
  });
});
