import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { type ImplementationFn } from 'ava';
import { run } from '../../dapr/runtime/command.ts';
import { projectDirectory } from '../../dapr/runtime/directories.ts';
import { type ManifestTools, obtainManifestTools } from '../tools/manifest-tools.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test reads the fields that it expects
export type Manifest = any;

/** YAML documents, and the problems of those that are resources of Kubernetes or Dapr. */
export type CheckedManifests = { readonly documents: readonly Manifest[]; readonly problems: readonly string[] };

/**
 * The oldest version of Kubernetes that k8s/README.md supports, and the newest that has a schema.
 */
const kubernetesVersions = '1.30,1.37';

let obtaining: Promise<ManifestTools> | undefined;
const tools = (): Promise<ManifestTools> => {
  obtaining ??= obtainManifestTools();
  return obtaining;
};

/**
 * A test that reads manifests. It fails, with the programs to install, where the tools cannot be
 * obtained.
 */
export const manifestTest = (title: string, implementation: ImplementationFn<[]>): void =>
  test(title, async (t) => {
    t.timeout(600_000, 'the tools are obtained once');
    await tools();
    await implementation(t);
  });

/** Reads YAML files by their paths in the project and checks the resources in them. */
export async function checkFiles(files: readonly string[]): Promise<CheckedManifests> {
  const { python, schemas } = await tools();
  const paths = files.map((file) => resolve(projectDirectory, file));
  return JSON.parse(await run(python, [join(import.meta.dirname, 'manifests.py'), schemas, kubernetesVersions, ...paths]));
}

/** The first document of a YAML file. */
export const readYaml = async (file: string): Promise<Manifest> => (await checkFiles([file])).documents[0];

/** Checks the resources in a text. */
export async function checkText(text: string): Promise<CheckedManifests> {
  const folder = await mkdtemp(join(tmpdir(), 'marquee-manifests-'));
  try {
    const file = join(folder, 'manifests.yaml');
    await writeFile(file, text);
    return await checkFiles([file]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const rendering = new Map<string, Promise<CheckedManifests>>();

/**
 * The manifests that kustomize renders from a folder, checked; rendered once for all tests of a
 * file.
 */
export function rendered(folder: string): Promise<CheckedManifests> {
  const known =
    rendering.get(folder) ??
    tools()
      .then(({ kustomize }) => run(kustomize, ['build', join(projectDirectory, folder)]))
      .then(checkText);
  rendering.set(folder, known);
  return known;
}

/** The pod annotations that Dapr's injector knows; it ignores every other. */
export async function daprAnnotations(): Promise<ReadonlySet<string>> {
  const source = await readFile(join((await tools()).schemas, 'annotations', 'annotations.go'), 'utf8');
  return new Set([...source.matchAll(/"(dapr\.io\/[\w-]+)"/g)].map(([, name]) => name as string));
}
