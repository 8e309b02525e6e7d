import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findKafkaTools } from '@millrace/stack';

const run = promisify(execFile);

/** A Java, and the jars that its programs are run with. */
export type JavaTools = Awaited<ReturnType<typeof findKafkaTools>>;

/** Runs Java programs: by default Kafka's own clients and tools, from the jars of the embedded stack. */
export class JavaClient {
  private constructor(
    private readonly directory: string,
    private readonly tools: JavaTools,
  ) {}

  /** @throws what finding the tools throws, such as that there is no Java */
  static async open(findTools: typeof findKafkaTools = findKafkaTools): Promise<JavaClient> {
    const tools = await findTools(process.env);
    return new JavaClient(await mkdtemp(join(tmpdir(), 'millrace-java-')), tools);
  }

  /** Runs a class of Kafka's with arguments, and gives what it prints. @throws when it fails */
  run(args: readonly string[], input = ''): Promise<string> {
    return this.java(args, input);
  }

  /** Compiles and runs a program of one public class, and gives what it prints. @throws when it fails */
  async runSource(
    className: string,
    source: string,
    { args = [], input = '' }: { readonly args?: readonly string[]; readonly input?: string } = {},
  ): Promise<string> {
    const file = join(this.directory, `${className}.java`);
    await writeFile(file, source);
    return this.java([file, ...args], input);
  }

  /** Removes its files. */
  close(): Promise<void> {
    return rm(this.directory, { recursive: true, force: true });
  }

  private async java(args: readonly string[], input: string): Promise<string> {
    const { java, classPath } = this.tools;
    const options = ['-cp', classPath, '-Xmx256m', '-Dstdout.encoding=UTF-8', '-XX:TieredStopAtLevel=1'];
    const child = run(java.executable, [...options, ...args], { maxBuffer: 100_000_000 });
    child.child.stdin?.end(input);
    return (await child).stdout;
  }
}
