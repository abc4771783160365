import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test, { type ImplementationFn } from 'ava';
import { run } from '../../dapr/runtime/command.ts';
import { projectDirectory } from '../../dapr/runtime/directories.ts';
import { missingForTestTools, obtainTestTools, type TestTools } from '../tools/manifest-tools.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects
export type Manifest = any;

/** Every YAML document, and what is wrong with those of them that are resources of Kubernetes or Dapr. */
export type Judged = { readonly documents: readonly Manifest[]; readonly problems: readonly string[] };

/** The oldest Kubernetes that k8s/README.md promises, and the newest there is a schema for. */
const kubernetesVersions = '1.30,1.37';

const missing = missingForTestTools();
let obtaining: Promise<TestTools> | undefined;
const tools = (): Promise<TestTools> => {
  obtaining ??= obtainTestTools();
  return obtaining;
};

/** A test that reads manifests; skipped, with the reason in its title, where the tools for that cannot be had. */
export const manifestTest = (title: string, implementation: ImplementationFn<[]>): void => {
  if (missing !== undefined) return void test.skip(`${title} (${missing})`, implementation);
  test(title, async (t) => {
    t.timeout(600_000, 'the tools are obtained once');
    await tools();
    await implementation(t);
  });
};

/** Reads YAML files by their paths in the project, and judges the resources in them. */
export async function judge(files: readonly string[]): Promise<Judged> {
  const { python, schemas } = await tools();
  const paths = files.map((file) => resolve(projectDirectory, file));
  return JSON.parse(await run(python, [join(import.meta.dirname, 'manifests.py'), schemas, kubernetesVersions, ...paths]));
}

/** The first document of a YAML file. */
export const readYaml = async (file: string): Promise<Manifest> => (await judge([file])).documents[0];

/** The same for a text. */
export async function judgeText(text: string): Promise<Judged> {
  const folder = await mkdtemp(join(tmpdir(), 'marquee-manifests-'));
  try {
    const file = join(folder, 'manifests.yaml');
    await writeFile(file, text);
    return await judge([file]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const rendering = new Map<string, Promise<Judged>>();

/** What kustomize makes of a folder, judged; made once for all tests of a file. */
export function rendered(folder: string): Promise<Judged> {
  const known =
    rendering.get(folder) ??
    tools()
      .then(({ kustomize }) => run(kustomize, ['build', join(projectDirectory, folder)]))
      .then(judgeText);
  rendering.set(folder, known);
  return known;
}

/** The pod annotations that Dapr's injector knows; it ignores every other. */
export async function daprAnnotations(): Promise<ReadonlySet<string>> {
  const source = await readFile(join((await tools()).schemas, 'annotations', 'annotations.go'), 'utf8');
  return new Set([...source.matchAll(/"(dapr\.io\/[\w-]+)"/g)].map(([, name]) => name as string));
}
