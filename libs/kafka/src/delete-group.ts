import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';

/** Removes a group. True when it is gone, also when it never was there; false while it has members. */
export async function deleteGroup(admin: Admin, groupId: string): Promise<boolean> {
  try {
    await admin.deleteGroups([groupId]);
    return true;
  } catch (error) {
    const reason = reasonOf(error);
    if (reason === 'GROUP_ID_NOT_FOUND') return true;
    if (reason === 'NON_EMPTY_GROUP') return false;
    throw error;
  }
}

/** kafkajs gathers the groups' errors in one. */
function reasonOf(error: unknown): string | undefined {
  return error instanceof kafkajs.KafkaJSDeleteGroupsError ? error.groups[0]?.error?.type : undefined;
}
