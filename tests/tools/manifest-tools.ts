import { createHash } from 'node:crypto';
import { glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from '../../dapr/runtime/command.ts';
import { obtainOnce } from './obtain-once.ts';
import { requirePrograms } from './required-programs.ts';

/** Programs and schemas for the tests of the Kubernetes manifests. */
export type ManifestTools = {
  readonly kustomize: string;
  /** A Python with PyYAML, jsonschema and kubernetes-validate. */
  readonly python: string;
  /**
   * `crds/` holds the custom resources of Dapr and of the Gateway API, `components/` the fields of
   * Dapr's components, and `annotations/` the source that names the annotations Dapr knows.
   */
  readonly schemas: string;
};

const kustomize = 'sigs.k8s.io/kustomize/kustomize/v5@v5.8.1';
const gatewayApi = 'sigs.k8s.io/gateway-api@v1.4.0';
const validator = 'kubernetes-validate==1.37.0';
/** The Go module that pins the version of Dapr. */
const daprModule = fileURLToPath(new URL('../../dapr/runtime/obtain/build', import.meta.url));

/**
 * The tools, obtained at the first call on this machine; later calls need no network. Throws when
 * one cannot be obtained.
 */
export async function obtainManifestTools(): Promise<ManifestTools> {
  requirePrograms('check the Kubernetes manifests', ['go', 'python3']);
  const [recipe, pinned] = await Promise.all([readFile(import.meta.filename, 'utf8'), readFile(join(daprModule, 'go.mod'), 'utf8')]);
  const key = createHash('sha256').update(recipe).update(pinned).digest('hex').slice(0, 12);
  const folder = await obtainOnce('manifest-tools', key, fill);
  return { kustomize: join(folder, 'kustomize'), python: join(folder, 'python', 'bin', 'python'), schemas: join(folder, 'schemas') };
}

async function fill(folder: string): Promise<void> {
  const python = join(folder, 'python');
  await run('go', ['install', kustomize], { environment: { GOBIN: folder, GOWORK: 'off' } });
  await run('python3', ['-m', 'venv', python]);
  await run(join(python, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', validator]);
  await copySchemas(join(folder, 'schemas'));
}

async function copySchemas(schemas: string): Promise<void> {
  const dapr = await moduleFolder('github.com/dapr/dapr');
  await copy(join(dapr, 'charts', 'dapr', 'crds'), '*.yaml', join(schemas, 'crds'));
  await copy(join(dapr, 'pkg', 'injector', 'annotations'), 'annotations.go', join(schemas, 'annotations'));
  await copy(join(await moduleFolder(gatewayApi), 'config', 'crd', 'standard'), '*.yaml', join(schemas, 'crds'));
  await copy(await moduleFolder('github.com/dapr/components-contrib'), '{state,pubsub}/**/metadata.yaml', join(schemas, 'components'));
}

/**
 * Copies the files that match the pattern side by side into one folder. Go's own copies are
 * read-only; these are writable.
 */
async function copy(from: string, pattern: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for await (const file of glob(pattern, { cwd: from }))
    await writeFile(join(to, file.replaceAll(sep, '-')), await readFile(join(from, file)));
}

/**
 * The folder in which Go stores a module: the named version, or else the one from which the Dapr of
 * Marquee is built.
 */
async function moduleFolder(module: string): Promise<string> {
  const output = await run('go', ['mod', 'download', '-json', module], { directory: daprModule, environment: { GOWORK: 'off' } });
  return (JSON.parse(output) as { Dir: string }).Dir;
}
