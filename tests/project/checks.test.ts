import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

const project = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);
const tool = (name: string) => join(project, 'node_modules', '.bin', name);

test('the types fit together', async (t) => {
  await t.notThrowsAsync(run(tool('tsc'), ['--noEmit'], { cwd: project }));
});

test('the code is formatted, and the linter reports nothing', async (t) => {
  await t.notThrowsAsync(run(tool('biome'), ['check', '.'], { cwd: project }));
});

type Locked = { readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>> };

test('every package with an install script is allowed to run it: npm 12 skips all others silently', (t) => {
  const read = (file: string) => JSON.parse(readFileSync(join(project, file), 'utf8'));
  const scripted = Object.entries((read('package-lock.json') as Locked).packages).filter(([, { hasInstallScript }]) => hasInstallScript);
  const names = scripted.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length));

  t.deepEqual(names.sort(), Object.keys(read('package.json').allowScripts).sort());
});
