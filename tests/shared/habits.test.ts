import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';

const project = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);
const tool = (name: string) => join(project, 'node_modules', '.bin', name);

test('the types fit together', async (t) => {
  await t.notThrowsAsync(run(tool('tsc'), ['--noEmit'], { cwd: project }));
});

test('the code is formatted, and the linter has nothing to say', async (t) => {
  await t.notThrowsAsync(run(tool('biome'), ['check', '.'], { cwd: project }));
});
