import { newClusterId } from './cluster-id';

it('the id of a new cluster never begins with a hyphen, which a command line would take for an option', () => {
  const drawn = [Buffer.alloc(16, 0xf8), Buffer.alloc(16, 0xfb), Buffer.alloc(16, 0x01)];
  expect(drawn[0]!.toString('base64url')).toMatch(/^-/);
  expect(newClusterId(() => drawn.shift()!)).toBe('AQEBAQEBAQEBAQEBAQEBAQ');
  expect(newClusterId()).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/);
});
