import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { run } from '../../dapr/runtime/command.ts';
import { obtainOnce } from './obtain-once.ts';
import { requirePrograms } from './required-programs.ts';

/**
 * Tools that read the OpenAPI document like integrators. They are no packages of the project: the
 * TypeScript generator needs the compiler API of TypeScript 6, and the others are Python programs.
 */
export type ApiTools = {
  /** `@hey-api/openapi-ts`, which generates a TypeScript client. */
  readonly openapiTs: string;
  /**
   * Runs a Python module with `openapi-python-client`, its run-time packages and Schemathesis on
   * its path.
   */
  readonly python: (programArguments: readonly string[], directory: string, more?: string) => Promise<string>;
};

const npmPackages = ['@hey-api/openapi-ts@0.99.0', 'typescript@6.0.3'];
const pythonPackages = ['schemathesis==4.32.5', 'openapi-python-client==0.29.1'];

/**
 * The tools, obtained at the first call on this machine; later calls need no network. Throws when
 * one cannot be obtained.
 */
export async function obtainApiTools(): Promise<ApiTools> {
  requirePrograms('test the OpenAPI document', ['python3']);
  const recipe = await readFile(import.meta.filename);
  const folder = await obtainOnce('api-tools', createHash('sha256').update(recipe).digest('hex').slice(0, 12), fill);
  const packages = join(folder, 'python');
  return {
    openapiTs: join(folder, 'npm', 'node_modules', '@hey-api', 'openapi-ts', 'bin', 'run.js'),
    python: (programArguments, directory, more) =>
      run('python3', programArguments, { directory, environment: { PYTHONPATH: more ? `${packages}${delimiter}${more}` : packages } }),
  };
}

async function fill(folder: string): Promise<void> {
  const npm = join(folder, 'npm');
  await mkdir(npm);
  await writeFile(join(npm, 'package.json'), '{ "private": true }');
  await run('npm', ['install', '--loglevel=error', '--no-audit', '--no-fund', '--ignore-scripts', ...npmPackages], { directory: npm });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', join(folder, 'python')];
  await run('python3', [...pip, ...pythonPackages]);
}
