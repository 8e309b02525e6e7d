import { globSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import ts from 'typescript';

/** One lib of the workspace as a package: where it was compiled to, and what it imports. */
export interface CompiledPackage {
  readonly lib: string;
  readonly directory: string;
  /** Names of packages, also those of the workspace. */
  readonly imports: readonly string[];
}

/** What the compiler has to say against a package. */
export class PackError extends Error {
  override readonly name = 'PackError';
}

/**
 * Compiles the libs, and every lib that they import, to JavaScript and declarations as Node and TypeScript resolve them
 * outside of the workspace: relative imports have their extension, and libs import each other by the names of their
 * packages. @throws PackError
 */
export function compilePackages(
  libs: readonly string[],
  { root, outDirectory }: { readonly root: string; readonly outDirectory: string },
): CompiledPackage[] {
  const program = ts.createProgram({
    rootNames: [
      ...libs.map((lib) => join(root, `libs/${lib}/src/index.ts`)),
      ...globSync('libs/*/src/**/*.d.ts', { cwd: root }).map((file) => join(root, file)),
    ],
    options: { ...readOptions(root), declaration: true, outDir: outDirectory, rootDir: root },
  });
  const transformers: ts.CustomTransformers = { after: [addExtensions], afterDeclarations: [addExtensions] };
  const { diagnostics } = program.emit(undefined, undefined, undefined, false, transformers);
  const wrong = [...program.getSyntacticDiagnostics(), ...program.getSemanticDiagnostics(), ...diagnostics];
  if (wrong.length > 0) throw new PackError(ts.formatDiagnostics(wrong, formatHost(root)));
  const imports = new Map<string, Set<string>>();
  for (const file of program.getSourceFiles()) {
    const lib = /^libs\/([^/]+)\/src\//.exec(relative(root, file.fileName))?.[1];
    if (lib === undefined || file.isDeclarationFile) continue;
    const found = imports.get(lib) ?? new Set();
    imports.set(lib, found);
    for (const { fileName } of ts.preProcessFile(file.text).importedFiles) {
      if (!fileName.startsWith('.') && !fileName.startsWith('node:')) found.add(packageOf(fileName));
    }
  }
  return [...imports].map(([lib, found]) => ({
    lib,
    directory: resolve(outDirectory, 'libs', lib),
    imports: [...found].sort(),
  }));
}

function readOptions(root: string): ts.CompilerOptions {
  const file = ts.readJsonConfigFile(join(root, 'tsconfig.base.json'), (path) => ts.sys.readFile(path));
  return ts.parseJsonSourceFileConfigFileContent(file, ts.sys, root).options;
}

function formatHost(root: string): ts.FormatDiagnosticsHost {
  return { getCurrentDirectory: () => root, getCanonicalFileName: (name) => name, getNewLine: () => '\n' };
}

/** `./log-writer` as `./log-writer.js`: what bundlers guess, Node does not. */
function addExtensions<Root extends ts.Node>(context: ts.TransformationContext): ts.Transformer<Root> {
  const inImport = (node: ts.Node): ts.Node => {
    if (ts.isStringLiteral(node) && /^\.\.?\//.test(node.text) && !node.text.endsWith('.js')) {
      return context.factory.createStringLiteral(`${node.text}.js`, true);
    }
    return ts.isLiteralTypeNode(node) ? ts.visitEachChild(node, inImport, context) : visit(node);
  };
  const visit = <Visited extends ts.Node>(node: Visited): Visited => {
    const isImport =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isImportTypeNode(node);
    return ts.visitEachChild<Visited>(node, isImport ? inImport : visit, context);
  };
  return visit;
}

/** `@scope/name` or `name`, whatever file of it is imported. */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}
