/**
 * `npm run pack`: the packages that a service installs in order to publish, as tarballs in dist/packages, or in the directory
 * that is given. They are installed together: `npm install dist/packages/*.tgz`.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compilePackages } from './compile-packages';
import type { CompiledPackage } from './compile-packages';

interface Workspace {
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

/** What a service asks for; whatever they import comes with them. */
const WANTED = ['client', 'client-kafka', 'outbox'];
const SCOPE = '@millrace/';

const root = process.cwd();
const out = resolve(process.argv[2] ?? 'dist/packages');
const build = join(out, 'build');
const workspace = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Workspace;

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const packages = compilePackages(WANTED, { root, outDirectory: build });
for (const each of packages) {
  writeFileSync(join(each.directory, 'package.json'), `${JSON.stringify(manifest(each), undefined, 2)}\n`);
  cpSync(join(root, 'LICENSE'), join(each.directory, 'LICENSE'));
  // What the compiler leaves behind.
  const source = join(root, 'libs', each.lib);
  for (const sql of globSync('src/**/*.sql', { cwd: source }))
    cpSync(join(source, sql), join(each.directory, sql));
}
const directories = packages.map(({ directory }) => directory);
execFileSync('npm', ['pack', '--silent', '--pack-destination', out, ...directories], { cwd: root });
rmSync(build, { recursive: true });
for (const tarball of readdirSync(out)) console.log(join(out, tarball));

function manifest({ lib, imports }: CompiledPackage): object {
  const { version, license } = workspace;
  return {
    name: `${SCOPE}${lib}`,
    version,
    license,
    type: 'module',
    engines: { node: '>=22' },
    exports: { '.': { types: './src/index.d.ts', default: './src/index.js' } },
    files: ['src'],
    dependencies: Object.fromEntries(imports.map((name) => [name, versionOf(name)])),
  };
}

function versionOf(name: string): string {
  const version = name.startsWith(SCOPE) ? workspace.version : workspace.dependencies[name];
  if (version === undefined)
    throw new Error(`${name} is imported by a package and is no dependency in package.json`);
  return version;
}
