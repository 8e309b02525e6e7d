import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** An error of the platform as its source declares it. */
export interface ErrorClass {
  readonly file: string;
  readonly className: string;
  /** What it sets its `name` to; undefined when it sets none. */
  readonly name: string | undefined;
  readonly code: string | undefined;
}

const DECLARATION = /\bclass (\w+) extends MillraceError\b/g;
const NAME = /\breadonly name = '([^']*)'/;
const CODE = /\breadonly code = '([^']*)'/;

/** Every subclass of MillraceError in the sources under these folders; specs have their own, which do not count. */
export function findErrorClasses(root: string, folders: readonly string[]): ErrorClass[] {
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        join(folder, file),
      ),
    )
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !file.endsWith('.d.ts'))
    .flatMap((file) => readErrorClasses(file, readFileSync(join(root, file), 'utf8')));
}

/** The error classes of one source text. A class's own fields end where the next class begins. */
export function readErrorClasses(file: string, source: string): ErrorClass[] {
  const declarations = [...source.matchAll(DECLARATION)];
  return declarations.map((declaration, index) => {
    const body = source.slice(declaration.index, declarations[index + 1]?.index);
    return {
      file,
      className: declaration[1] ?? '',
      name: NAME.exec(body)?.[1],
      code: CODE.exec(body)?.[1],
    };
  });
}
