import type { Projection } from '@millrace/projecting';
import { loadFolder } from '@millrace/reading';

/** The projections of these folders, which lie below the workspace root. @throws FolderNotLoadedError */
export function loadProjections(folders: readonly string[]): Promise<Projection[]> {
  return Promise.all(folders.map((folder) => loadFolder<Projection>(folder, 'projection')));
}
