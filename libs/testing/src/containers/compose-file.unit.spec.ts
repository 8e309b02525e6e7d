import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readComposeService } from './compose-file';

describe('a service of a compose file', () => {
  let directory: string;
  let file: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'millrace-compose-'));
    file = join(directory, 'compose.yml');
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  function read(service: string, variables: Record<string, string> = {}) {
    writeFileSync(file, `services:\n  db:\n${service}`);
    return readComposeService('db', { file, variables });
  }
  const minimal = '    image: a:1\n    ports: [127.0.0.1:1:2]\n';

  it('takes given variables and otherwise their defaults, never the environment', () => {
    process.env['PATH_OF_TEST'] = 'from the environment';
    const environment = '    environment: {A: "${PATH_OF_TEST:-x}-${B:-y}", C: 5}\n';
    expect(read(`${minimal}${environment}`).environment).toEqual({ A: 'x-y', C: '5' });
    expect(read(`${minimal}${environment}`, { B: 'given' }).environment).toEqual({ A: 'x-given', C: '5' });
    delete process.env['PATH_OF_TEST'];
  });

  it('is published at the port inside the container', () => {
    expect(read(minimal).port).toBe(2);
  });

  it('mounts files of the repository, and nothing of named volumes', () => {
    writeFileSync(join(directory, 'init.sql'), 'SELECT 1');
    const { files } = read(`${minimal}    volumes: ['data:/data', './:/init:ro']\n`);
    expect(files['/init/init.sql']).toBe('SELECT 1');
    expect(Object.keys(files).filter((path) => path.startsWith('/data'))).toEqual([]);
  });

  it.each(['    image: a:1\n', '    ports: [127.0.0.1:1:2]\n'])(
    'is refused when it is only %j',
    (service) => {
      expect(() => read(service)).toThrow(/expected a service db with an image and a published port/);
    },
  );
});
