import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findJava, findMaven, JavaNotFoundError, MavenNotFoundError } from './toolchain';

describe('finding Java', () => {
  let machine: string;
  beforeEach(() => (machine = mkdtempSync(join(tmpdir(), 'millrace-java-'))));
  afterEach(() => rmSync(machine, { recursive: true }));

  /** A JDK that answers `-version`, and has a `release` file when it is a tidy one. */
  function installJava(name: string, version: string, { release = true } = {}): string {
    const home = join(machine, name);
    mkdirSync(join(home, 'bin'), { recursive: true });
    writeFileSync(join(home, 'bin', 'java'), `#!/bin/sh\necho 'openjdk version "${version}"' >&2\n`);
    chmodSync(join(home, 'bin', 'java'), 0o755);
    if (release) writeFileSync(join(home, 'release'), `IMPLEMENTOR="x"\nJAVA_VERSION="${version}"\n`);
    return home;
  }

  /** A directory for PATH, in which `java` is a link, as packages make it. */
  function onPath(home: string): string {
    const directory = join(machine, 'path');
    mkdirSync(directory);
    symlinkSync(join(home, 'bin', 'java'), join(directory, 'java'));
    return directory;
  }

  function find(env: NodeJS.ProcessEnv) {
    return findJava({ minimum: 21, env, places: [[join(machine, 'jvm'), '.']] });
  }

  it('takes JAVA_HOME before PATH', () => {
    const home = installJava('mine', '22.0.1');
    const path = onPath(installJava('other', '21.0.4'));
    expect(find({ JAVA_HOME: home, PATH: path })).toMatchObject({ home, origin: 'JAVA_HOME', major: 22 });
  });

  it('follows the link on PATH to the home behind it', () => {
    const home = installJava('other', '21.0.4');
    expect(find({ PATH: onPath(home) })).toMatchObject({ home, origin: 'PATH', version: '21.0.4' });
  });

  it('passes over an old one that the user points to when a newer one stands in a usual place', () => {
    const old = installJava('old', '17.0.15');
    const home = installJava('jvm/temurin-25', '25.0.1');
    expect(find({ JAVA_HOME: old, PATH: onPath(old) })).toMatchObject({ home, major: 25 });
  });

  it('takes the oldest that is new enough among those that nobody chose', () => {
    installJava('jvm/a', '25.0.1');
    const home = installJava('jvm/b', '21.0.4');
    installJava('jvm/c', '17.0.15');
    expect(find({})).toMatchObject({ home, major: 21 });
  });

  it('runs a Java that has no release file to learn its version', () => {
    const home = installJava('bare', '25-ea', { release: false });
    expect(find({ JAVA_HOME: home })).toMatchObject({ version: '25-ea', major: 25 });
  });

  it('says which version was found where, and what to set, when none is new enough', () => {
    const old = installJava('jvm/jdk-17', '17.0.15');
    const ancient = installJava('eight', '1.8.0_392');
    const env = { JAVA_HOME: join(machine, 'gone'), PATH: onPath(ancient) };
    const search = (): unknown => find(env);
    expect(search).toThrow(JavaNotFoundError);
    expect(search).toThrow(`Java 17.0.15: ${join(old, 'bin', 'java')} (${join(machine, 'jvm')})`);
    expect(search).toThrow(`Java 1.8.0_392: ${join(ancient, 'bin', 'java')} (PATH)`);
    expect(search).toThrow(`no bin/java: ${join(machine, 'gone')} (JAVA_HOME)`);
    expect(search).toThrow('set JAVA_HOME');
  });
});

describe('finding Maven', () => {
  it('says that mvn is not on PATH', () => {
    expect(() => findMaven({ PATH: '/nowhere' })).toThrow(MavenNotFoundError);
  });
});
