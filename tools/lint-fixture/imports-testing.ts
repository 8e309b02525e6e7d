// Deliberately wrong: code that is no spec imports the test library. The check run fails when the lint lets this pass.
import * as testing from '@millrace/testing';

export const stack = testing;
