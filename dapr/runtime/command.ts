import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { environment, inheritedEnvironment } from './environment.ts';

const execute = promisify(execFile);

/** The path of a program on PATH, or undefined. */
export function findOnPath(program: string): string | undefined {
  return environment.searchPath
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

type RunOptions = { readonly directory?: string; readonly environment?: Readonly<Record<string, string>> };

/**
 * Runs a program to its end and returns its standard output. Throws with its last output when it
 * fails. It ends with this process.
 */
export async function run(program: string, programArguments: readonly string[], options: RunOptions = {}): Promise<string> {
  const running = execute(program, programArguments, {
    cwd: options.directory,
    env: { ...inheritedEnvironment(), ...options.environment },
    maxBuffer: 64 * 1024 * 1024,
  });
  const end = () => running.child.kill();
  process.once('exit', end);
  try {
    return (await running).stdout;
  } catch (error) {
    const { stderr, stdout, message } = error as Error & { stderr?: string; stdout?: string };
    const said = (stderr || stdout || message).trim().split('\n').slice(-15).join('\n');
    throw new Error(`${program} ${programArguments[0] ?? ''} failed: ${said}`, { cause: error });
  } finally {
    process.off('exit', end);
  }
}

/** Runs a program and returns its standard output, or undefined when it fails or does not exist. */
export async function outputOf(program: string, ...programArguments: readonly string[]): Promise<string | undefined> {
  return run(program, programArguments).catch(() => undefined);
}
