// Deliberately wrong: a domain project imports an adapter. The check run fails when the lint lets this pass.
import { openStack } from '@millrace/stack';

export const open = openStack;
