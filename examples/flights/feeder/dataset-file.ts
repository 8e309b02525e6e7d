import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Where the npm package vega-datasets (BSD-3) has a file of this name. */
export function datasetFile(name: string): string {
  const packageMain = createRequire(import.meta.url).resolve('vega-datasets');
  return join(packageMain, '../../data', name);
}
