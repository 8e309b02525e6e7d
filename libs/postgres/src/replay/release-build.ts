import { readerOf } from '@millrace/projecting';
import type { ProjectionBuild } from '@millrace/projecting';
import type { ClientBase } from 'pg';

/** Nobody folds the build from here on; its table is dropped a little later, see dropReleasedBuilds. */
export async function releaseBuild(tx: ClientBase, build: ProjectionBuild): Promise<void> {
  await tx.query(
    "UPDATE millrace.projection_build SET state = 'released', changed_at = now() WHERE projection = $1 AND build = $2",
    [build.projection, build.build],
  );
  // Whoever has the partition now is fenced, and whoever takes it has to stop at once.
  await tx.query('UPDATE millrace.position SET epoch = epoch + 1, stop_at = 0 WHERE reader = $1', [
    readerOf(build),
  ]);
}
