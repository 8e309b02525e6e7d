import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  mkdirSync,
} from 'node:fs';
import { dirname } from 'node:path';

const ROTATE_ABOVE_BYTES = 8 * 1024 * 1024;
const TAIL_BYTES = 64 * 1024;

/** A log file opened for a child, and where this run's part of it begins. */
export interface OpenedLog {
  readonly fd: number;
  readonly startByte: number;
}

/**
 * Opens a log to append to, so that the run before a crash can still be read. One that has grown above 8 MiB becomes
 * `<file>.previous` first. The caller closes `fd`.
 */
export function openLog(file: string): OpenedLog {
  mkdirSync(dirname(file), { recursive: true });
  if (existsSync(file) && statSync(file).size > ROTATE_ABOVE_BYTES) renameSync(file, `${file}.previous`);
  const fd = openSync(file, 'a', 0o600);
  return { fd, startByte: fstatSync(fd).size };
}

/** The last `lines` lines that were written at or after `startByte`; empty when there is nothing to read. */
export function tailOfLog(file: string, { startByte = 0, lines = 20 } = {}): string {
  let fd: number;
  try {
    fd = openSync(file, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = fstatSync(fd);
    const from = Math.max(startByte, size - TAIL_BYTES);
    const buffer = Buffer.alloc(Math.max(0, size - from));
    readSync(fd, buffer, 0, buffer.length, from);
    return buffer.toString('utf8').trimEnd().split('\n').slice(-lines).join('\n');
  } finally {
    closeSync(fd);
  }
}
