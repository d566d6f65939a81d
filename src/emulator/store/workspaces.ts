import type { Row } from './row-schemas.ts';
import type { Store } from './store.ts';

export type WorkspaceRow = Row<'workspace'>;

export type MemberRow = Pick<Row<'member'>, 'user_id' | 'name' | 'email'>;

export function getWorkspaceStatus(
  store: Store,
  atsId: string,
  clientId: string,
): WorkspaceRow['status'] | undefined {
  return store
    .sql<{ status: WorkspaceRow['status'] }>(
      'SELECT status FROM workspace WHERE ats_id = ? AND client_id = ?',
    )
    .get(atsId, clientId)?.status;
}

export function getWorkspace(store: Store, atsId: string, clientId: string): WorkspaceRow | undefined {
  return store
    .sql<WorkspaceRow>('SELECT * FROM workspace WHERE ats_id = ? AND client_id = ?')
    .get(atsId, clientId);
}

export function insertWorkspace(store: Store, row: WorkspaceRow): void {
  store
    .sql('INSERT INTO workspace (ats_id, client_id, name, status, created_at) VALUES (?, ?, ?, ?, ?)')
    .run(row.ats_id, row.client_id, row.name, row.status, row.created_at);
}

export function markProvisioned(store: Store, atsId: string, clientId: string): void {
  store
    .sql("UPDATE workspace SET status = 'provisioned' WHERE ats_id = ? AND client_id = ?")
    .run(atsId, clientId);
}

/** Adds or changes a member. Returns whether the user was none before. */
export function putMember(store: Store, atsId: string, clientId: string, member: MemberRow): boolean {
  const known = store
    .sql('SELECT 1 FROM member WHERE ats_id = ? AND client_id = ? AND user_id = ?')
    .get(atsId, clientId, member.user_id);
  store
    .sql(
      `INSERT INTO member (ats_id, client_id, user_id, name, email) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET name = excluded.name, email = excluded.email`,
    )
    .run(atsId, clientId, member.user_id, member.name, member.email);
  return known === undefined;
}

export function isMember(store: Store, atsId: string, clientId: string, userId: string): boolean {
  return (
    store
      .sql('SELECT 1 FROM member WHERE ats_id = ? AND client_id = ? AND user_id = ?')
      .get(atsId, clientId, userId) !== undefined
  );
}

export function listWorkspaces(store: Store): WorkspaceRow[] {
  return store.sql<WorkspaceRow>('SELECT * FROM workspace ORDER BY ats_id, client_id').all();
}

export function listMembers(store: Store, atsId: string, clientId: string): MemberRow[] {
  return store
    .sql<MemberRow>(
      'SELECT user_id, name, email FROM member WHERE ats_id = ? AND client_id = ? ORDER BY user_id',
    )
    .all(atsId, clientId);
}
