import { MillraceError } from '@millrace/contracts';

/** A folder that the configuration lists cannot be loaded. */
export class FolderNotLoadedError extends MillraceError {
  override readonly name = 'FolderNotLoadedError';
  override readonly code = 'FOLDER_NOT_LOADED';
  override readonly retriable = false;

  constructor(folder: string, problem: string, cause?: unknown) {
    super(
      `${folder} cannot be loaded: ${problem}. The configuration names folders from the workspace root, such as ` +
        'examples/flights/groups/delay-alerts, each with an index.ts.',
      { context: { folder }, cause },
    );
  }
}

const FOLDER = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

/**
 * Loads `<folder>/index.js` of the built workspace and gives what it exports under `name`.
 * @throws FolderNotLoadedError when it is not there, does not load, or does not export that name.
 */
export async function loadFolder<Exported>(folder: string, name: string): Promise<Exported> {
  if (!FOLDER.test(folder))
    throw new FolderNotLoadedError(folder, 'it is not a path below the workspace root');
  let loaded: Record<string, unknown>;
  try {
    loaded = (await import(new URL(`../../../${folder}/index.js`, import.meta.url).href)) as Record<
      string,
      unknown
    >;
  } catch (error) {
    throw new FolderNotLoadedError(folder, error instanceof Error ? error.message : String(error), error);
  }
  if (loaded[name] === undefined)
    throw new FolderNotLoadedError(folder, `its index.ts does not export ${name}`);
  return loaded[name] as Exported;
}
