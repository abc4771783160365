import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { glob, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findOnPath, run } from '../../dapr/runtime/command.ts';
import { binariesDirectory } from '../../dapr/runtime/directories.ts';
import { waitForLock } from '../../dapr/runtime/process-lock.ts';

/** What the tests of the manifests need; nothing that runs Marquee does. */
export type TestTools = {
  readonly kustomize: string;
  /** A Python with PyYAML, jsonschema and kubernetes-validate. */
  readonly python: string;
  /**
   * `crds/`: the custom resources of Dapr and of the Gateway API. `components/`: what Dapr's components say of their fields.
   * `annotations/`: the source that names the annotations Dapr knows.
   */
  readonly schemas: string;
};

const kustomize = 'sigs.k8s.io/kustomize/kustomize/v5@v5.8.1';
const gatewayApi = 'sigs.k8s.io/gateway-api@v1.4.0';
const validator = 'kubernetes-validate==1.37.0';
/** Pins the Dapr that everything else runs on. */
const daprModule = fileURLToPath(new URL('../../dapr/runtime/obtain/build', import.meta.url));

/** Why the tools cannot be had on this machine, or undefined when they can. */
export function missingForTestTools(): string | undefined {
  const missing = ['go', 'python3'].filter((program) => findOnPath(program) === undefined);
  return missing.length === 0 ? undefined : `${missing.join(' and ')} not installed`;
}

/** The tools, obtained at the first call on this machine; after that no network is needed. Throws when one cannot be had. */
export async function obtainTestTools(): Promise<TestTools> {
  const [recipe, pinned] = await Promise.all([readFile(import.meta.filename, 'utf8'), readFile(join(daprModule, 'go.mod'), 'utf8')]);
  const key = createHash('sha256').update(recipe).update(pinned).digest('hex').slice(0, 12);
  const final = join(binariesDirectory, `test-tools-${key}`);
  const lock = await waitForLock(join(binariesDirectory, 'test-tools.lock'), () => {});
  try {
    if (!existsSync(final)) await fill(final);
  } finally {
    lock.release();
  }
  return { kustomize: join(final, 'kustomize'), python: join(final, 'python', 'bin', 'python'), schemas: join(final, 'schemas') };
}

/** Fills a folder beside the final one and moves it there at once, so that a half-filled one is never taken for whole. */
async function fill(final: string): Promise<void> {
  const partial = await mkdtemp(join(binariesDirectory, 'test-tools-partial-'));
  try {
    await run('go', ['install', kustomize], { environment: { GOBIN: partial, GOWORK: 'off' } });
    await run('python3', ['-m', 'venv', join(partial, 'python')]);
    await run(join(partial, 'python', 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', validator]);
    await copySchemas(join(partial, 'schemas'));
    await rename(partial, final);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function copySchemas(schemas: string): Promise<void> {
  const dapr = await moduleFolder('github.com/dapr/dapr');
  await copy(join(dapr, 'charts', 'dapr', 'crds'), '*.yaml', join(schemas, 'crds'));
  await copy(join(dapr, 'pkg', 'injector', 'annotations'), 'annotations.go', join(schemas, 'annotations'));
  await copy(join(await moduleFolder(gatewayApi), 'config', 'crd', 'standard'), '*.yaml', join(schemas, 'crds'));
  await copy(await moduleFolder('github.com/dapr/components-contrib'), '{state,pubsub}/**/metadata.yaml', join(schemas, 'components'));
}

/** Copies what fits the pattern side by side into one folder; Go's own copies are read-only, these are not. */
async function copy(from: string, pattern: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for await (const file of glob(pattern, { cwd: from }))
    await writeFile(join(to, file.replaceAll(sep, '-')), await readFile(join(from, file)));
}

/** Where Go keeps a module's files: of the version that is named, or else that Marquee's Dapr is built from. */
async function moduleFolder(module: string): Promise<string> {
  const answer = await run('go', ['mod', 'download', '-json', module], { directory: daprModule, environment: { GOWORK: 'off' } });
  return (JSON.parse(answer) as { Dir: string }).Dir;
}
