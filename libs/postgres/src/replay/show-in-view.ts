import { escapeIdentifier } from 'pg';
import type { ClientBase } from 'pg';
import { layoutOf } from '../projection-builds';
import { viewName, viewSelectSql } from '../read-model-sql';
import type { ShapedBuild } from './compare-builds';

/**
 * Makes the view show the other build. When its columns change it is made anew, and whoever was granted something on it,
 * or on a column that stays, keeps that.
 * @throws DatabaseError 2BP01 when it is made anew and something else depends on it.
 */
export async function showInView(tx: ClientBase, from: ShapedBuild, to: ShapedBuild): Promise<void> {
  const view = viewName(to.build.projection);
  const select = viewSelectSql(to.shape, to.build);
  if (JSON.stringify(layoutOf(from.shape)) === JSON.stringify(layoutOf(to.shape))) {
    await tx.query(`CREATE OR REPLACE VIEW ${view} AS ${select}`);
    return;
  }
  // A view cannot lose or change a column.
  const grants = await readGrants(tx, view);
  await tx.query(`DROP VIEW ${view}`);
  await tx.query(`CREATE VIEW ${view} AS ${select}`);
  const columns = await readColumns(tx, view);
  for (const { grantee, privilege, passesOn, column } of grants) {
    if (column !== null && !columns.includes(column)) continue;
    const what = column === null ? privilege : `${privilege} (${escapeIdentifier(column)})`;
    const whom = grantee === null ? 'PUBLIC' : escapeIdentifier(grantee);
    await tx.query(`GRANT ${what} ON ${view} TO ${whom}${passesOn ? ' WITH GRANT OPTION' : ''}`);
  }
}

interface Grant {
  /** `null` is everybody. */
  readonly grantee: string | null;
  readonly privilege: string;
  readonly passesOn: boolean;
  /** `null` is the view as a whole. */
  readonly column: string | null;
}

async function readGrants(tx: ClientBase, view: string): Promise<Grant[]> {
  const { rows } = await tx.query<Grant>(
    `SELECT (SELECT rolname FROM pg_roles WHERE oid = acl.grantee) AS grantee, acl.privilege_type AS privilege,
            acl.is_grantable AS "passesOn", granted.column
       FROM (SELECT relowner AS owner, NULL AS column, relacl AS privileges FROM pg_class WHERE oid = $1::regclass
             UNION ALL
             SELECT relowner, attname, attacl FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
              WHERE attrelid = $1::regclass) AS granted,
            aclexplode(granted.privileges) AS acl
      WHERE acl.grantee <> granted.owner`,
    [view],
  );
  return rows;
}

async function readColumns(tx: ClientBase, view: string): Promise<string[]> {
  const { rows } = await tx.query<{ name: string }>(
    'SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0',
    [view],
  );
  return rows.map(({ name }) => name);
}
