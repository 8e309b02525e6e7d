import { databaseVariables, defineConfiguration, serverVariables } from '@millrace/service';
import { configurationPage } from './configuration-page';

describe('the configuration page', () => {
  const configuration = defineConfiguration({
    ...serverVariables({ port: 7_001 }),
    ...databaseVariables,
    MODE: { kind: 'choice', choices: ['a|b', 'c'], optional: true, description: 'A mode.' },
  });
  const lines = configurationPage([{ service: 'producer', configuration }]).split('\n');
  const row = (name: string): string | undefined => lines.find((line) => line.startsWith(`| \`${name}\``));

  it('says for each variable what it accepts and what happens when it is not set', () => {
    expect(lines).toContain('## producer');
    expect(row('PORT')).toContain('| `7001` |');
    expect(row('SHUTDOWN_TIMEOUT_MS')).toContain('milliseconds, a whole number from 1');
    expect(row('DATABASE_URL')).toContain('**required**');
  });

  it('marks secrets', () => {
    expect(row('DATABASE_URL')).toContain('Secret');
    expect(row('DATABASE_POOL_SIZE')).not.toContain('Secret');
  });

  it('keeps a table a table when a text contains a bar', () => {
    expect(row('MODE')).toBe('| `MODE` | A mode. | one of a\\|b, c | stays unset |');
  });

  it('stands without any service', () => {
    expect(configurationPage([])).toContain('# Configuration');
  });
});
