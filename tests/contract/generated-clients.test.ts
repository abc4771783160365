import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { run } from '../../dapr/runtime/command.ts';
import { sharedMarquee } from '../support/shared-marquee.ts';
import { obtainApiTools } from '../tools/api-tools.ts';

const project = join(import.meta.dirname, '..', '..');
const typeRoots = join(project, 'node_modules', '@types');
const strict = '--noEmit --strict --module nodenext --target es2024 --allowImportingTsExtensions --types node --typeRoots'
  .split(' ')
  .concat(typeRoots);

/** A folder with the OpenAPI document of a running Marquee in it; it is removed after the test. */
async function folderWithDocument(t: ExecutionContext, url: string): Promise<{ folder: string; document: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'marquee-client-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const document = join(folder, 'openapi.json');
  await writeFile(document, await (await fetch(`${url}/openapi.json`)).text());
  return { folder, document };
}

test('a generated TypeScript client compiles under strict rules and makes the three calls of the README', async (t) => {
  t.timeout(600_000, 'the generators are obtained once');
  const { url, client } = await sharedMarquee();
  const { openapiTs } = await obtainApiTools();
  const { folder, document } = await folderWithDocument(t, url);
  const settings = { input: document, output: { path: join(folder, 'client'), importFileExtension: '.ts' } };
  await writeFile(join(folder, 'settings.mjs'), `export default ${JSON.stringify(settings)};`);
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await cp(join(import.meta.dirname, 'generated-clients', 'three-calls.ts'), join(folder, 'three-calls.ts'));
  await run(process.execPath, [openapiTs, '-f', 'settings.mjs'], { directory: folder });
  await run(join(project, 'node_modules', '.bin', 'tsc'), [...strict, 'three-calls.ts'], { directory: folder });
  const output = await run(process.execPath, ['three-calls.ts', url, client.token], { directory: folder });
  t.like(JSON.parse(output), { status: 'active', customerId: 'cus_typescript' });
});

test('a generated Python client has every operation and makes the three calls of the README', async (t) => {
  t.timeout(600_000, 'the generators are obtained once');
  const { url, client } = await sharedMarquee();
  const { python } = await obtainApiTools();
  const { folder, document } = await folderWithDocument(t, url);
  const generated = await python(
    ['-m', 'openapi_python_client', 'generate', '--path', document, '--output-path', join(folder, 'client'), '--meta', 'none'],
    folder,
  );
  t.notRegex(generated, /will not be generated/, 'every operation can be generated');
  const output = await python([join(import.meta.dirname, 'generated-clients', 'three_calls.py'), url, client.token], folder, folder);
  t.like(JSON.parse(output), { status: 'active', customerId: 'cus_python' });
});
