/** Writes `docs/configuration.md` from the apps' definitions; with `--check`, fails when that would change the file. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { configurationPage } from './configuration-page';
import { loadConfigurations } from './load-configurations';

const page = 'docs/configuration.md';

const style = (await resolveConfig(page)) ?? {};
const wanted = await format(configurationPage(await loadConfigurations('dist/apps')), {
  ...style,
  parser: 'markdown',
});
const current = await readFile(page, 'utf8').catch(() => undefined);

if (current === wanted) {
  console.log(`${page} is current`);
} else if (process.argv.includes('--check')) {
  console.error(
    `${page} is not what apps/*/src/configuration.ts define: run npm run generate and commit the result`,
  );
  process.exitCode = 1;
} else {
  await mkdir('docs', { recursive: true });
  await writeFile(page, wanted);
  console.log(`wrote ${page}`);
}
