/**
 * Loaded into a service by `--import`, see `reportMemory`: every few seconds the process collects its garbage, and adds to a file what
 * it still holds, heap and buffers. Resident memory would not tell: V8 lets a heap grow to many times what is in use before
 * it looks at all of it, and neither it nor malloc gives back what a peak took.
 */
import { appendFileSync } from 'node:fs';
import type { MemorySample } from '../ledger/evidence';

const EVERY_MS = 5_000;

const { gc } = globalThis;
const { REPORT_MEMORY_AS: name, REPORT_MEMORY_TO: file } = process.env;
if (gc === undefined || name === undefined || file === undefined) {
  throw new Error('report-memory: expected --expose-gc, REPORT_MEMORY_AS and REPORT_MEMORY_TO');
}

setInterval(() => {
  gc();
  const { heapUsed, external } = process.memoryUsage();
  const sample: MemorySample = {
    at: Date.now(),
    process: `${name} (pid ${process.pid})`,
    bytes: heapUsed + external,
  };
  appendFileSync(file, `${JSON.stringify(sample)}\n`);
}, EVERY_MS).unref();
